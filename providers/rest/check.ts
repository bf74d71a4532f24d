/**
 * What is wrong with the options, said with the option's name and what to write instead.
 * @module
 */
import type { RestOptions } from "./options.ts";
import { schema } from "./schema.ts";
import type { Signature } from "./signature.ts";
import { namesIn } from "./words.ts";

/** What is wrong, and with which option. */
type Problem = { path: readonly PropertyKey[]; message: string };

/** @throws TypeError that names the first option that is wrong, and says what to write instead */
export function checkOptions(given: unknown): void {
  const { error } = schema.safeParse(given);
  const [first] = error?.issues ?? problemsOf(given as RestOptions);
  if (first) throw new TypeError(`rest({ ${first.path.join(".") || "…"} }) ${first.message}`);
}

/** What fits by itself and not together. */
function problemsOf(options: RestOptions): Problem[] {
  const { webhook } = options;
  const isOwn = webhook !== undefined && typeof webhook.signature !== "string";
  return [
    ...resourceProblems(options),
    ...eventProblems(options),
    ...(isOwn ? signed(webhook.signature as Signature) : []),
  ];
}

function resourceProblems({ resources, probe }: RestOptions): Problem[] {
  const found: Problem[] = [];
  for (const [type, { version, readLag, list, updates }] of Object.entries(resources)) {
    const say = (message: string, ...path: string[]) => found.push({ path: ["resources", type, ...path], message });
    if (!version && !readLag) {
      say(
        'needs version: { time: "updated_at" }, or readLag: { fetch: 5000, list: 10000 }: else two reads have no order',
      );
    }
    if (!list && probe === undefined) {
      say('needs a list, or rest a probe: "me". "Not found" is believed only while something can be read');
    }
    if (updates && !list) say("needs the list that is asked for updates", "list");
    if (updates && updates.time === undefined && !(version && "time" in version)) {
      say(
        'is needed where version is no time: the place of the update time in a row, like "updated_at"',
        "updates",
        "time",
      );
    }
  }
  return found;
}

function eventProblems({ resources, webhook, envelope, events, log }: RestOptions): Problem[] {
  const found: Problem[] = [];
  const say = (message: string, ...path: string[]) => found.push({ path, message });
  const needed = webhook ? "webhook" : log ? "log" : undefined;
  if (needed && !envelope) say(`is needed for ${needed}: { name: "type", id: "id" }`, "envelope");
  if (needed && !events) say(`is needed for ${needed}: { "stream.*": { stream: "data.id" } }`, "events");
  for (const [name, targets] of Object.entries(events ?? {})) {
    if (/\*./.test(name)) say('can have a * at its end alone, like "stream.*"', "events", name);
    for (const type of Object.keys(targets)) {
      if (Object.hasOwn(resources, type)) continue;
      say(`is no type; there are: ${Object.keys(resources).join(", ")}`, "events", name, type);
    }
  }
  for (const part of log && envelope ? (["name", "id"] as const) : []) {
    if (typeof envelope?.[part] !== "string")
      say("must be a place in the event: a log has no headers", "envelope", part);
  }
  return found;
}

/** What the template can hold; of it, what must be there if it is used. */
const SIGNED = ["body", "timestamp", "id", "method", "url"];

function signed({ template = "{body}", timestamp, id, field, url }: Signature): Problem[] {
  const found: Problem[] = [];
  const say = (option: string, message: string) => found.push({ path: ["webhook", "signature", option], message });
  const used = namesIn(template);
  const unknown = used.find((name) => !SIGNED.includes(name));
  if (unknown !== undefined) say("template", `has no {${unknown}}; there are: {${SIGNED.join("}, {")}}`);
  if (!used.includes("body")) say("template", "needs {body}: what is not signed could be anything");
  for (const [name, option] of Object.entries({ timestamp, id, url })) {
    if (option !== undefined && !used.includes(name))
      say("template", `needs {${name}}: without it, ${name} is not signed`);
    if (option === undefined && used.includes(name) && name !== "url") say(name, `is needed for {${name}} in template`);
  }
  if (timestamp && (timestamp.header === undefined) === (timestamp.field === undefined)) {
    say("timestamp", 'needs a header, { header: "x-timestamp" }, or a field, { field: "t" }');
  }
  if (timestamp?.field !== undefined && field === undefined) {
    say("field", "is needed: timestamp.field is in a header that is a list");
  }
  return found;
}
