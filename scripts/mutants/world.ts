import { type Mutant, mutantsKilledBy, mutantsOf } from "./mutant.ts";

const time = mutantsOf("world-", "src/testing/time.ts", ["test/testing/time.test.ts"]);
const network = mutantsOf("world-", "src/testing/world/network.ts", ["test/testing/faults.test.ts"]);
const request = mutantsOf("world-", "src/testing/world/request.ts", ["test/testing/faults.test.ts"]);
const api = mutantsOf("world-", "src/testing/world/api.ts", ["test/testing/faults.test.ts"]);
const faults = mutantsOf("world-", "src/testing/world/faults.ts", ["test/testing/faults.test.ts"]);
const limit = mutantsOf("world-", "src/testing/world/limit.ts", ["test/testing/faults.test.ts"]);
const world = mutantsKilledBy("world-", ["test/testing/world.test.ts"]);

/** Virtual time, and the numbers of a seed. */
const clock: readonly Mutant[] = [
  time("order", "what was planned first comes first", `(x.at === y.at && x.order < y.order)`, `false`),
  time("cancelled", "what was cancelled does not happen", `if (next.cancelled) continue;`, ``),
  time("end", "a run goes no further than told", `next && next.at <= end && !stop()`, `next && !stop()`),
  time("stop", "a run stops where it is told to", `next.at <= end && !stop();`, `next.at <= end;`),
  time("stand", "the clock stands at the end of a run", `Number.isFinite(end) && !stop() ? end : now`, `now`),
  time(
    "back",
    "the clock never steps back",
    `now = Math.max(now, Number.isFinite`,
    `now = Math.min(Infinity, Number.isFinite`,
  ),
  time("heap", "the earliest is first", `if (child < heap.length && before(at(child), at(least))) least = child;`, ``),
];

/** What goes wrong in a world. */
const wrong: readonly Mutant[] = [
  world(
    "drop",
    "src/testing/world/network.ts",
    "webhooks get lost",
    `(!weather.calm && chance(conditions.drop))`,
    `false`,
  ),
  network("duplicate", "webhooks are sent twice", `chance(conditions.duplicate) ? int(1, 2) : 0`, `false ? 1 : 0`),
  network("late", "webhooks come late", `time.after(int(0, conditions.hintDelay)`, `time.after(0`),
  network("forged", "forged webhooks come", `!weather.calm && chance(conditions.forged)`, `false`),
  network(
    "calm-drop",
    "a calm network keeps what it is given",
    `!weather.calm && chance(conditions.duplicate)`,
    `chance(conditions.duplicate)`,
  ),
  request("errors", "requests fail", `chance(conditions.errors)`, `false`),
  request("throttle", "requests are told to wait", `chance(conditions.throttle)`, `false`),
  request("hang", "requests are never answered", `chance(conditions.hang)`, `false`),
  request("lag", "reads are behind", `chance(0.6) ? int`, `chance(0) ? int`),
  request(
    "calm-errors",
    "no request fails when it is calm",
    `(!weather.calm && chance(conditions.errors))`,
    `chance(conditions.errors)`,
  ),
  request("away", "a scope that left gives no access", `if (weather.away.has(scope)) throw`, `if (false) throw`),
  request("limit", "requests beyond the limit are refused", `if (wait > 0) {`, `if (false) {`),
  request("refused", "and counted", `calls.refused++;`, ``),
  request("silent", "an outage may be silent", `weather.down && conditions.outage === "silent"`, `false`),
  api("mistaken", "another resource is answered", `others.length > 0 && chance(conditions.mistaken)`, `false`),
  api("truncate", "lists end too early", `!weather.calm && chance(conditions.truncate)`, `false`),
  api(
    "ended",
    "a page may be whole and the last",
    `return { items, next: null };`,
    `return { items: items.slice(1), next: null };`,
  ),
  api(
    "empty",
    "a page may be empty",
    `case "empty":\n        return { items: [], next: null };`,
    `case "empty":\n        return { items, next: null };`,
  ),
  api("repeated", "a page may name itself", `next: page ?? first`, `next: null`),
  api("other-page", "an outage may pass for an answer", `weather.down && conditions.outage === "page"`, `false`),
  faults("crash", "processes die", `every(int(3_000, 40_000), () => fleet.crash(index))`, `0`),
  faults("freeze", "processes stand still", `() => fleet.freeze(index, int(10, conditions.freeze))`, `() => {}`),
  faults("down", "and back when it is over", `weather[what] = false;`, ``),
  faults("outages", "the services are down", `during("down", int(1_000, 20_000))`, `0`),
  faults("revoke", "access is lost", `during("denied", int(200_000, 400_000))`, `0`),
  faults("connect", "a calm world has its scopes", `of weather.calm ? [] : scopes`, `of scopes`),
  faults("calm", "nothing goes wrong when it is calm", `if (!weather.calm) run();`, `run();`),
];

/** What a test relies on. */
const relied: readonly Mutant[] = [
  world("mended", "src/testing/world/faults.ts", "what is wrong ends when it is calm", `weather.away.clear();`, ``),
  world(
    "dead",
    "src/testing/world/process.ts",
    "a dead process does nothing",
    `    if (dead) return;\n    if (frozen)`,
    `    if (frozen)`,
  ),
  world(
    "frozen",
    "src/testing/world/process.ts",
    "a process that stands still does nothing",
    `if (frozen) held.push(() => gate(run));\n    else run();`,
    `run();`,
  ),
  world(
    "replaced",
    "src/testing/world/fleet.ts",
    "a process that stands still for long is replaced",
    `if (ms > REPLACED) time`,
    `if (ms < 0) time`,
  ),
  world(
    "reboot",
    "src/testing/world/fleet.ts",
    "a process that died starts again",
    `if (open) boot(index)`,
    `if (!open) boot(index)`,
  ),
  world(
    "handled",
    "src/testing/world/settle.ts",
    "subscriptions are waited for",
    `.filter(({ behind, parked }) => behind > 0 || parked > 0)`,
    `.filter(() => false)`,
  ),
  world("truth", "src/testing/world/settle.ts", "the log is waited for", `if (owes.length > 0) return owes;`, ``),
  world(
    "state",
    "src/testing/world/owed.ts",
    "states are compared",
    `same(told, state, volatile) ? undefined`,
    `told ? undefined`,
  ),
  limit("minute", "a minute has its own limit", `if (now !== minute)`, `if (false)`),
  world("twice", "src/testing/world/clock.ts", "time does not pass twice at once", `if (running)`, `if (false)`),
  world(
    "failed",
    "src/testing/world/clock.ts",
    "a process that cannot start is told",
    `failure ??= { cause: error };`,
    `void error;`,
  ),
  world("copy", "src/testing/world/service.ts", "the order of ids", `collection.refs.push(ref);`, `void ref;`),
  world(
    "json",
    "src/testing/world/writer.ts",
    "what is written is a copy",
    `JSON.parse(JSON.stringify(state) ?? "null")`,
    `state`,
  ),
  world(
    "clone",
    "src/testing/world/writer.ts",
    "what is read is a copy",
    `new Map(structuredClone(states.filter(([, state]) => state !== null)))`,
    `new Map(states.filter(([, state]) => state !== null))`,
  ),
  world("cascade", "src/testing/world/writer.ts", "parts go with their parent", `      cascade(ref);\n`, ``),
  world(
    "parent",
    "src/testing/world/writer.ts",
    "a part needs its parent",
    `if (parent && service.newest(parent).state === null) {`,
    `if (false) {`,
  ),
  world(
    "unknown",
    "src/testing/world/conditions.ts",
    "an unknown condition is refused",
    `if (unknown !== undefined) throw`,
    `if (false) throw`,
  ),
  world(
    "seeds",
    "src/testing/world/test.ts",
    "each seed has its world",
    `createWorld({ ...options, seed })`,
    `createWorld({ ...options, seed: 1 })`,
  ),
];

export const worlds: readonly Mutant[] = [...clock, ...wrong, ...relied];
