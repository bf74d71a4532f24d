/**
 * What each option may be by itself.
 * @module
 */
import { z } from "zod";
import * as word from "./words.ts";
import {
  byOption,
  byType,
  callable,
  chosen,
  count,
  flag,
  milliseconds,
  oneOf,
  options,
  path,
  place,
  text,
} from "./words.ts";

const value = byType("must be a text, a number, true, false or a list of texts", {
  ...{ string: z.string(), number: z.number(), boolean: z.boolean() },
  array: z.array(z.string("must be a text")),
});
const query = z.record(z.string(), value, "must be an object of texts, numbers and lists of texts").optional();

const more = { more: place("has_more").optional() };
const whole = z.int("must be a whole number");
const styles: Readonly<Record<string, z.ZodType>> = {
  link: options({ by: z.literal("link") }),
  url: options({ by: z.literal("url"), next: place("meta.next"), ...more }),
  cursor: options({ by: z.literal("cursor"), next: place("meta.next_cursor"), param: text("cursor"), ...more }),
  last: options({ by: z.literal("last"), param: text("after"), id: place("id").optional(), ...more }),
  page: options({ by: z.literal("page"), param: text("page"), first: whole.optional(), ...more }),
  offset: options({ by: z.literal("offset"), param: text("offset"), ...more }),
};
const paging = chosen(`must be { by, … }, by one of "${Object.keys(styles).join('", "')}"`, (given) => {
  const by = (given as { by?: unknown } | null | undefined)?.by;
  return typeof by === "string" && Object.hasOwn(styles, by) ? styles[by] : undefined;
});

const fetchPath = path("streams/{id}", ["id", "scope"], "id");
const format = oneOf("iso", "s", "ms").optional();

const resource = options({
  state: z.custom<z.ZodType>(
    (schema) => typeof (schema as z.ZodType | undefined)?.safeParse === "function",
    "must be state<Its>() or a zod schema",
  ),
  fetch: byType('must be a path with {id}, like "streams/{id}", or { path, query, item }', {
    string: fetchPath,
    object: options({ path: fetchPath, query, item: place("data").optional() }),
  }),
  list: options({
    ...{ path: path("streams", ["scope"]), query, rows: word.wholePlace("data").optional(), paging: paging.optional() },
    ...{
      pages: count("the most pages there may be").optional(),
      whole: flag.optional(),
      total: place("meta.total").optional(),
    },
  }).optional(),
  id: place("id").optional(),
  version: byOption('must be { time: "updated_at" } or { revision: "revision" }', {
    time: options({ time: word.places("updated_at"), grain: milliseconds(1).optional() }),
    revision: options({ revision: place("revision") }),
  }).optional(),
  incarnation: place("created_at").optional(),
  readLag: options({ fetch: milliseconds(0), list: milliseconds(0) }).optional(),
  deleted: place("deleted_at").optional(),
  volatile: z.array(place("url"), "must be a list of places").optional(),
  related: callable("must be a function that gives hints").optional(),
  updates: options({
    ...{
      param: text("updated_since"),
      format,
      time: place("updated_at").optional(),
      query,
      ascending: flag.optional(),
    },
    // What is younger than a minute is looked at twice, which takes an overlap of as much.
    ...{ every: milliseconds(1).optional(), overlap: milliseconds(60_000).optional() },
  }).optional(),
});

const signature = options({
  ...{ header: text("x-signature"), field: text("v1").optional(), separator: z.string().min(1).optional() },
  ...{ prefix: z.string("must be a text").optional(), algorithm: oneOf("sha256", "sha512", "sha1").optional() },
  ...{ encoding: oneOf("hex", "base64").optional(), key: oneOf("utf8", "hex", "base64", "whsec").optional() },
  ...{ template: text("{timestamp}.{body}").optional(), id: text("x-id").optional() },
  url: text("https://example.com/webhooks").optional(),
  timestamp: options({
    ...{ header: text("x-timestamp").optional(), field: text("t").optional() },
    ...{ unit: oneOf("s", "ms").optional(), tolerance: milliseconds(1).optional() },
  }).optional(),
});

const headerOf = (example: string) => options({ header: text(example) });
const placeOrHeader = (example: string) =>
  byType(`must be a place, like "${example}", or { header: "x-${example}" }`, {
    ...{ string: place(example), object: headerOf(`x-${example}`) },
  });
const target = byType('must be a place of the id, like "data.id", a list of them, { id, version }, or true', {
  ...{ string: place("data.id"), array: word.places("data.id"), boolean: z.literal(true, "must be true, or a place") },
  object: options({ id: place("data.id"), version: place("data.updated_at").optional() }),
});

const credential = byType("must be a text that is not empty, or a function of the scope", {
  ...{ string: text("token"), function: callable("") },
});
const status = z
  .int("must be a status")
  .refine((one) => one >= 400 && one < 500 && ![401, 408, 425, 429].includes(one), {
    error: "must be a status of 4xx, and none of 401, 408, 425, 429, which tell nothing of a resource",
  });
const statuses = z.array(status, "must be a list of statuses, like [404]").optional();

export const schema = options({
  name: text("LiveAPI"),
  url: byType('must be like "https://api.example.com/v1/", or a function of the scope', {
    ...{ string: text("https://api.example.com/v1/"), function: callable("") },
  }),
  auth: byOption("must be { bearer: token }, { basic: { user, password } } or { header, value }", {
    bearer: options({ bearer: credential }),
    basic: options({ basic: options({ user: text("user"), password: credential }) }),
    header: options({ header: text("x-api-key"), value: credential }),
  }).optional(),
  headers: z.record(z.string(), z.string("must be a text"), "must be an object of texts").optional(),
  resources: z
    .record(z.string(), resource, "must have a type for each name: { stream: { state, fetch, … } }")
    .refine((types) => Object.keys(types).length > 0, "must have at least one type: { stream: { state, fetch, … } }"),
  webhook: options({
    // Looked at where it is used.
    secret: z.unknown().optional(),
    signature: byType('must be "standard-webhooks" or { header, … }', {
      ...{ string: oneOf("standard-webhooks"), object: signature },
    }),
  }).optional(),
  envelope: options({
    ...{ name: placeOrHeader("type"), id: placeOrHeader("id").optional(), at: place("created_at").optional() },
    ...{ scope: place("account").optional(), events: word.wholePlace("events").optional() },
  }).optional(),
  events: z
    .record(z.string(), z.record(z.string(), target, 'must be where to look: { stream: "data.id" }'), {
      error: 'must be where each event says to look: { "stream.*": { stream: "data.id" } }',
    })
    .optional(),
  log: options({
    ...{ path: path("events", ["scope"]), query, rows: word.wholePlace("data").optional(), after: text("after") },
    since: options({ param: text("since"), format }).optional(),
    ...{ every: milliseconds(1).optional(), horizon: milliseconds(1).optional() },
  }).optional(),
  probe: path("me", ["scope"]).optional(),
  statuses: options({ absent: statuses, gone: statuses, hidden: statuses }).optional(),
  scopes: callable("must be a function that gives the scopes").optional(),
  limits: options({
    credential: callable("must be a function from a scope to a name").optional(),
    rate: z.number("must be calls per second").positive("must be calls per second, more than 0").optional(),
    atOnce: count("requests").optional(),
    quota: options({ calls: count("calls"), per: milliseconds(1) }).optional(),
  }).optional(),
  bodyLimit: count("bytes").optional(),
  fetch: callable("must be a function like the global fetch").optional(),
});
