import type { Mutant } from "./mutant.ts";

const time = ["test/testing/time.test.ts"];
const faults = ["test/testing/faults.test.ts"];
const world = ["test/testing/world.test.ts"];
type Guard = [id: string, removes: string, find: string, replace: string];
const at =
  (file: string, tests: readonly string[]) =>
  ([id, removes, find, replace]: Guard): Mutant => ({
    ...{ id: `world-${id}`, file: `src/testing/${file}`, removes, find, replace, tests },
  });

/** Virtual time, and the numbers of a seed. */
const clock: readonly Guard[] = [
  ["order", "what was planned first comes first", `(x.at === y.at && x.order < y.order)`, `false`],
  ["cancelled", "what was cancelled does not happen", `if (next.cancelled) continue;`, ``],
  ["end", "a run goes no further than told", `next && next.at <= end && !stop()`, `next && !stop()`],
  ["stop", "a run stops where it is told to", `next.at <= end && !stop();`, `next.at <= end;`],
  ["stand", "the clock stands at the end of a run", `Number.isFinite(end) && !stop() ? end : now`, `now`],
  [
    "back",
    "the clock never steps back",
    `now = Math.max(now, Number.isFinite`,
    `now = Math.min(Infinity, Number.isFinite`,
  ],
  ["heap", "the earliest is first", `if (child < heap.length && before(at(child), at(least))) least = child;`, ``],
];

/** What goes wrong in a world. */
const wrong: readonly Mutant[] = [
  at("world/network.ts", world)(["drop", "webhooks get lost", `(!weather.calm && chance(conditions.drop))`, `false`]),
  ...(
    [
      ["duplicate", "webhooks are sent twice", `chance(conditions.duplicate) ? int(1, 2) : 0`, `false ? 1 : 0`],
      ["late", "webhooks come late", `time.after(int(0, conditions.hintDelay)`, `time.after(0`],
      ["forged", "forged webhooks come", `!weather.calm && chance(conditions.forged)`, `false`],
      [
        "calm-drop",
        "a calm network keeps what it is given",
        `!weather.calm && chance(conditions.duplicate)`,
        `chance(conditions.duplicate)`,
      ],
    ] as const
  ).map((guard) => at("world/network.ts", faults)([...guard])),
  ...(
    [
      ["errors", "requests fail", `chance(conditions.errors)`, `false`],
      ["throttle", "requests are told to wait", `chance(conditions.throttle)`, `false`],
      ["hang", "requests are never answered", `chance(conditions.hang)`, `false`],
      ["lag", "reads are behind", `chance(0.6) ? int`, `chance(0) ? int`],
      [
        "calm-errors",
        "no request fails when it is calm",
        `(!weather.calm && chance(conditions.errors))`,
        `chance(conditions.errors)`,
      ],
      ["away", "a scope that left gives no access", `if (weather.away.has(scope)) throw`, `if (false) throw`],
      ["limit", "requests beyond the limit are refused", `if (wait > 0) {`, `if (false) {`],
      ["refused", "and counted", `calls.refused++;`, ``],
      ["silent", "an outage may be silent", `weather.down && conditions.outage === "silent"`, `false`],
    ] as const
  ).map((guard) => at("world/request.ts", faults)([...guard])),
  ...(
    [
      ["mistaken", "another resource is answered", `others.length > 0 && chance(conditions.mistaken)`, `false`],
      ["truncate", "lists end too early", `!weather.calm && chance(conditions.truncate)`, `false`],
      [
        "ended",
        "a page may be whole and the last",
        `return { items, next: null };`,
        `return { items: items.slice(1), next: null };`,
      ],
      [
        "empty",
        "a page may be empty",
        `case "empty":\n        return { items: [], next: null };`,
        `case "empty":\n        return { items, next: null };`,
      ],
      ["repeated", "a page may name itself", `next: page ?? first`, `next: null`],
      ["other-page", "an outage may pass for an answer", `weather.down && conditions.outage === "page"`, `false`],
    ] as const
  ).map((guard) => at("world/api.ts", faults)([...guard])),
  ...(
    [
      ["crash", "processes die", `every(int(3_000, 40_000), () => fleet.crash(index))`, `0`],
      ["freeze", "processes stand still", `() => fleet.freeze(index, int(10, conditions.freeze))`, `() => {}`],
      ["down", "and back when it is over", `weather[what] = false;`, ``],
      ["outages", "the services are down", `during("down", int(1_000, 20_000))`, `0`],
      ["revoke", "access is lost", `during("denied", int(200_000, 400_000))`, `0`],
      ["connect", "a calm world has its scopes", `of weather.calm ? [] : scopes`, `of scopes`],
      ["calm", "nothing goes wrong when it is calm", `if (!weather.calm) run();`, `run();`],
    ] as const
  ).map((guard) => at("world/faults.ts", faults)([...guard])),
];

/** What a test relies on. */
const relied: readonly Mutant[] = [
  at("world/faults.ts", world)(["mended", "what is wrong ends when it is calm", `weather.away.clear();`, ``]),
  at(
    "world/process.ts",
    world,
  )(["dead", "a dead process does nothing", `    if (dead) return;\n    if (frozen)`, `    if (frozen)`]),
  at(
    "world/process.ts",
    world,
  )([
    "frozen",
    "a process that stands still does nothing",
    `if (frozen) held.push(() => gate(run));\n    else run();`,
    `run();`,
  ]),
  at(
    "world/fleet.ts",
    world,
  )(["replaced", "a process that stands still for long is replaced", `if (ms > REPLACED) time`, `if (ms < 0) time`]),
  at(
    "world/fleet.ts",
    world,
  )(["reboot", "a process that died starts again", `if (open) boot(index)`, `if (!open) boot(index)`]),
  at(
    "world/settle.ts",
    world,
  )([
    "handled",
    "subscriptions are waited for",
    `.filter(({ behind, parked }) => behind > 0 || parked > 0)`,
    `.filter(() => false)`,
  ]),
  at("world/settle.ts", world)(["truth", "the log is waited for", `if (owes.length > 0) return owes;`, ``]),
  at(
    "world/owed.ts",
    world,
  )(["state", "states are compared", `same(told, state, volatile) ? undefined`, `told ? undefined`]),
  at("world/limit.ts", faults)(["minute", "a minute has its own limit", `if (now !== minute)`, `if (false)`]),
  at("world/clock.ts", world)(["twice", "time does not pass twice at once", `if (running)`, `if (false)`]),
  at(
    "world/clock.ts",
    world,
  )(["failed", "a process that cannot start is told", `failure ??= { cause: error };`, `void error;`]),
  at("world/service.ts", world)(["copy", "the order of ids", `collection.refs.push(ref);`, `void ref;`]),
  at(
    "world/writer.ts",
    world,
  )(["json", "what is written is a copy", `JSON.parse(JSON.stringify(state) ?? "null")`, `state`]),
  at(
    "world/writer.ts",
    world,
  )([
    "clone",
    "what is read is a copy",
    `new Map(structuredClone(states.filter(([, state]) => state !== null)))`,
    `new Map(states.filter(([, state]) => state !== null))`,
  ]),
  at("world/writer.ts", world)(["cascade", "parts go with their parent", `      cascade(ref);\n`, ``]),
  at(
    "world/writer.ts",
    world,
  )(["parent", "a part needs its parent", `if (parent && service.newest(parent).state === null) {`, `if (false) {`]),
  at(
    "world/conditions.ts",
    world,
  )(["unknown", "an unknown condition is refused", `if (unknown !== undefined) throw`, `if (false) throw`]),
  at(
    "world/test.ts",
    world,
  )(["seeds", "each seed has its world", `createWorld({ ...options, seed })`, `createWorld({ ...options, seed: 1 })`]),
];

export const worlds: readonly Mutant[] = [...clock.map(at("time.ts", time)), ...wrong, ...relied];
