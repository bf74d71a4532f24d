/**
 * What is wrong with the options, said with the option's name and what to write instead.
 * @module
 */
import { z } from "zod";
import type { RestOptions } from "./options.ts";

/** An object with these options and no other. */
const options = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code, keys }) =>
      code === "unrecognized_keys"
        ? `has no ${keys.join(", ")}; there are: ${Object.keys(shape).join(", ")}`
        : `must be an object with some of ${Object.keys(shape).join(", ")}`,
  });

const text = (example: string) => {
  const error = `must be a text that is not empty, like "${example}"`;
  return z.string(error).trim().min(1, error);
};
const place = (example: string) =>
  z.string().regex(/^[^.\s]+(\.[^.\s]+)*$/, { error: `must be a place in JSON, like "${example}"` });
const wholePlace = (example: string) =>
  z.union([z.literal(""), place(example)], `must be a place in JSON, like "${example}"`);
const callable = (error: string) => z.custom<() => unknown>((value) => typeof value === "function", error);
const ms = z.number("must be milliseconds, 0 or more").min(0, "must be milliseconds, 0 or more");
const period = z.number("must be milliseconds, more than 0").positive("must be milliseconds, more than 0");
const flag = z.boolean("must be true or false").optional();
const count = (error: string) => z.int(error).positive(error);

/** A path with these placeholders, of which it must have `needed`. */
const path = (example: string, placeholders: readonly string[], needed?: string) =>
  z.string(`must be a path below url, like "${example}"`).superRefine((value, { addIssue }) => {
    const used = [...value.matchAll(/\{([^}]*)\}/g)].map(([, name = ""]) => name);
    const unknown = used.find((name) => !placeholders.includes(name));
    if (value === "" || /[?#\s]|^[a-z]+:/i.test(value)) addIssue(`must be a path below url, like "${example}"`);
    else if (value.startsWith("/")) addIssue(`must not begin with "/", which would leave url: write "${example}"`);
    else if (unknown !== undefined) addIssue(`has no {${unknown}}; there is: {${placeholders.join("}, {")}}`);
    else if (needed !== undefined && !used.includes(needed)) addIssue(`needs {${needed}}, like "${example}"`);
  });

const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);
const query = z.record(z.string(), value, "must be an object of texts, numbers and lists of texts").optional();

const more = { more: place("has_more").optional() };
const styles = '"link", "url", "cursor", "last", "page" or "offset"';
const paging = z.discriminatedUnion(
  "by",
  [
    options({ by: z.literal("link") }),
    options({ by: z.literal("url"), next: place("meta.next"), ...more }),
    options({ by: z.literal("cursor"), next: place("meta.next_cursor"), param: text("cursor"), ...more }),
    options({ by: z.literal("last"), param: text("after"), id: place("id").optional(), ...more }),
    options({ by: z.literal("page"), param: text("page"), first: z.int("must be a whole number").optional(), ...more }),
    options({ by: z.literal("offset"), param: text("offset"), ...more }),
  ],
  `must be { by: … } with one of ${styles}`,
);

const fetchPath = path("streams/{id}", ["id", "scope"], "id");
const format = z.enum(["iso", "s", "ms"], 'must be "iso", "s" or "ms"').optional();
const version = z.union(
  [
    options({
      time: z.union([place("updated_at"), z.array(place("updated_at")).min(1)]),
      grain: period.optional(),
    }),
    options({ revision: place("revision") }),
  ],
  'must be { time: "updated_at" } or { revision: "revision" }',
);

const resource = options({
  state: z.custom<z.ZodType>(
    (schema) => typeof (schema as z.ZodType | undefined)?.safeParse === "function",
    "must be state<Its>() or a zod schema",
  ),
  fetch: z.union(
    [fetchPath, options({ path: fetchPath, query, item: place("data").optional() })],
    'must be a path with {id}, like "streams/{id}", or { path, query, item }',
  ),
  list: options({
    ...{ path: path("streams", ["scope"]), query, rows: wholePlace("data").optional(), paging: paging.optional() },
    ...{ pages: count("must be how many pages there may be").optional(), whole: flag },
  }).optional(),
  id: place("id").optional(),
  version: version.optional(),
  incarnation: place("created_at").optional(),
  readLag: options({ fetch: ms, list: ms }).optional(),
  deleted: place("deleted_at").optional(),
  volatile: z.array(place("url"), "must be a list of places").optional(),
  related: callable("must be a function that gives hints").optional(),
  updates: options({
    ...{ param: text("updated_since"), format, time: place("updated_at").optional(), query, ascending: flag },
    ...{ every: period.optional(), overlap: ms.min(60_000, "must be at least 60000 ms: clocks differ").optional() },
  }).optional(),
});

const header = text("x-signature");
const signature = options({
  ...{ header, field: text("v1").optional(), separator: z.string().min(1).optional(), prefix: z.string().optional() },
  algorithm: z.enum(["sha1", "sha256", "sha512"], 'must be "sha256", "sha512" or "sha1"').optional(),
  encoding: z.enum(["hex", "base64"], 'must be "hex" or "base64"').optional(),
  key: z.enum(["utf8", "hex", "base64", "whsec"], 'must be "utf8", "hex", "base64" or "whsec"').optional(),
  template: text("{timestamp}.{body}").optional(),
  timestamp: options({
    ...{ header: text("x-timestamp").optional(), field: text("t").optional() },
    ...{ unit: z.enum(["s", "ms"], 'must be "s" or "ms"').optional(), tolerance: period.optional() },
  }).optional(),
  ...{ id: text("x-id").optional(), url: text("https://example.com/webhooks").optional() },
}).superRefine(({ template = "{body}", timestamp, id, field }, { addIssue }) => {
  const at = (name: string, message: string) => addIssue({ code: "custom", path: [name], message });
  const used = [...template.matchAll(/\{([^}]*)\}/g)].map(([, name = ""]) => name);
  const unknown = used.find((name) => !["body", "timestamp", "id", "method", "url"].includes(name));
  if (unknown !== undefined)
    at("template", `has no {${unknown}}; there are: {body}, {timestamp}, {id}, {method}, {url}`);
  if (!used.includes("body")) at("template", "needs {body}: what is not signed could be anything");
  const signed = { timestamp, id };
  for (const [name, option] of Object.entries(signed)) {
    if (used.includes(name) && option === undefined) at(name, `is needed: the template has {${name}}`);
    if (!used.includes(name) && option !== undefined)
      at("template", `needs {${name}}: as it is, ${name} is not signed`);
  }
  if (timestamp !== undefined && (timestamp.header === undefined) === (timestamp.field === undefined)) {
    at("timestamp", 'needs either a header, { header: "x-timestamp" }, or a field, { field: "t" }');
  }
  if (timestamp?.field !== undefined && field === undefined) {
    at("field", "is needed: timestamp.field is of a header that is a list");
  }
});

const source = (example: string) =>
  z.union(
    [place(example), options({ header: text("x-event") })],
    `must be a place, like "${example}", or { header: "x-event" }`,
  );
const targetText = 'must be a place of the id, like "data.id", a list of them, { id, version }, or true';
const target = z.union(
  [
    z.literal(true),
    place("data.id"),
    z.array(place("data.id")).min(1),
    options({ id: place("data.id"), version: place("data.updated_at").optional() }),
  ],
  targetText,
);

const credential = z.union(
  [text("token"), callable("")],
  "must be a text that is not empty, or a function of the scope",
);
const status = z
  .int()
  .refine(
    (one) => one >= 400 && one < 500 && ![401, 408, 425, 429].includes(one),
    "must be statuses of 4xx, but 401, 408, 425, 429",
  );
const statuses = z.array(status, "must be a list of statuses, like [404]").optional();

const schema = options({
  name: text("LiveAPI"),
  url: z.union(
    [text("https://api.example.com/v1/"), callable("")],
    'must be like "https://api.example.com/v1/", or a function of the scope',
  ),
  auth: z
    .union(
      [
        options({ bearer: credential }),
        options({ basic: options({ user: z.string(), password: credential }) }),
        options({ header: text("x-api-key"), value: credential }),
      ],
      "must be { bearer: token }, { basic: { user, password } } or { header, value }, with texts that are not empty",
    )
    .optional(),
  headers: z.record(z.string(), z.string(), "must be an object of texts").optional(),
  resources: z
    .record(z.string(), resource, "must be an object with a type for each name: { stream: { state, fetch, … } }")
    .refine((types) => Object.keys(types).length > 0, "must have at least one type: { stream: { state, fetch, … } }"),
  webhook: options({
    secret: z.unknown(),
    signature: z.union([z.literal("standard-webhooks"), signature]),
  }).optional(),
  envelope: options({
    ...{ name: source("type"), id: source("id").optional(), at: place("created_at").optional() },
    ...{ scope: place("account").optional(), events: wholePlace("events").optional() },
  }).optional(),
  events: z
    .record(
      z.string().regex(/^[^*]*\*?$/, { error: "must be an event's name; a * stands at its end alone" }),
      z.record(z.string(), target.optional()),
      'must say where to look: { "stream.*": { stream: "data.id" } }',
    )
    .optional(),
  log: options({
    ...{ path: path("events", ["scope"]), query, rows: wholePlace("data").optional(), after: text("after") },
    since: options({ param: text("since"), format }).optional(),
    ...{ every: period.optional(), horizon: period.optional() },
  }).optional(),
  probe: path("me", ["scope"]).optional(),
  statuses: options({ absent: statuses, gone: statuses, hidden: statuses }).optional(),
  scopes: callable("must be a function that gives the scopes").optional(),
  rate: z.number("must be reads per second, more than 0").positive("must be reads per second, more than 0").optional(),
  bodyLimit: count("must be bytes, more than 0").optional(),
  fetch: callable("must be a function like the global fetch").optional(),
}).superRefine((given, { addIssue }) => {
  for (const [message, ...path] of problemsOf(given as unknown as RestOptions)) {
    addIssue({ code: "custom", path, message });
  }
});

/** What fits by itself and not together: the message, then where. */
function problemsOf({ resources, webhook, envelope, events, log, probe }: RestOptions): [string, ...string[]][] {
  const found: [string, ...string[]][] = [];
  for (const [type, { version, readLag, list, updates }] of Object.entries(resources)) {
    const at = (message: string, ...path: string[]) => found.push([message, "resources", type, ...path]);
    if (!version && !readLag) {
      at(
        'needs version: { time: "updated_at" }, or readLag: { fetch: 5000, list: 10000 }: else two reads have no order',
      );
    }
    if (!list && probe === undefined) {
      at('needs a list, or rest a probe: "me": "not found" is believed only while something can be read');
    }
    if (updates && !list) at("needs a list: that is what is asked for updates", "updates");
    if (updates && updates.time === undefined && !(version && "time" in version)) {
      at(
        'is needed, because version is no time: the place of the update time in a row, like "updated_at"',
        "updates",
        "time",
      );
    }
  }
  const needed = webhook ? "webhook" : log ? "log" : undefined;
  if (needed && !envelope) found.push([`is needed for ${needed}: { name: "type", id: "id" }`, "envelope"]);
  if (needed && !events) found.push([`is needed for ${needed}: { "stream.*": { stream: "data.id" } }`, "events"]);
  for (const [name, targets] of Object.entries(events ?? {})) {
    for (const type of Object.keys(targets)) {
      if (Object.hasOwn(resources, type)) continue;
      found.push([`there is no type "${type}"; there are: ${Object.keys(resources).join(", ")}`, "events", name, type]);
    }
  }
  for (const part of log && envelope ? (["name", "id"] as const) : []) {
    if (typeof envelope?.[part] === "string") continue;
    found.push(["must be a place in the event, because log has no headers", "envelope", part]);
  }
  return found;
}

/** @throws TypeError that names the first option that is wrong, and says what to write instead */
export function checkOptions(given: unknown): void {
  const { error } = schema.safeParse(given);
  if (error === undefined) return;
  const [first] = error.issues;
  const { path, message } = first === undefined ? { path: [], message: "" } : deepest(first);
  throw new TypeError(`rest({ ${path.join(".") || "…"} }) ${message}`);
}

/** Of what might have been meant, what came furthest: it says more than that none of the choices fits. */
function deepest(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string } {
  const { path, message } = issue;
  const inner = issue.code === "invalid_union" ? issue.errors : issue.code === "invalid_key" ? [issue.issues] : [];
  const further = inner
    .flat()
    .map(deepest)
    .filter((one) => one.path.length > 0)
    .sort((a, b) => b.path.length - a.path.length);
  const [best] = further;
  return best === undefined ? { path, message } : { path: [...path, ...best.path], message: best.message };
}
