import { type Mutant, mutantsOf } from "./mutant.ts";

const tests = ["test/old.test.ts"];
const change = mutantsOf("old-", "src/change.ts", tests);
const stream = mutantsOf("old-", "src/stream.ts", tests);
const stop = mutantsOf("old-", "src/stream.ts", ["test/stop.test.ts"]);
const push = mutantsOf("old-", "src/deliver/push.ts", tests);
const partition = mutantsOf("old-", "src/deliver/partition.ts", tests);
const get = mutantsOf("old-", "src/get.ts", tests);

/** Guards of who begins at the start of a log that was compacted. */
export const old: readonly Mutant[] = [
  change("whole", "who began since the border was there is not behind", ` && since !== compacted`, ``),
  change("lost", "who began before the border was there may be behind", `since !== compacted;`, `since === undefined;`),
  change("told", "a cursor tells since when", `since === undefined ? "" :`, `since !== 0 ? "" :`),
  change("heard", "since when is heard of a cursor", `tick: Number(parts[3]), since };`, `tick: Number(parts[3]) };`),
  change(
    "border",
    "beyond the border a cursor is as any",
    `since !== undefined && position < since ?`,
    `since !== undefined ?`,
  ),
  stream(
    "begin",
    "who begins is there since the border is",
    `position === 0 ? compacted || undefined :`,
    `position < 0 ? compacted :`,
  ),
  stream(
    "page",
    "each page knows since when",
    `return page(last);\n  // The page`,
    `return { ...page(last), end: last };\n  // The page`,
  ),
  stop(
    "stopped",
    "a reader of an engine that stops ends, and does not fail",
    `if (follow && stopping.aborted) return undefined;`,
    ``,
  ),
  stop(
    "unread",
    "who reads to the end is told that it was not come to",
    `if (follow && stopping.aborted) return`,
    `if (stopping.aborted) return`,
  ),
  stream("newest", "the newest are of now", `changeOf(log, entry, compacted));`, `changeOf(log, entry));`),
  stream("history", "a history is of now", `yield changeOf(log, entry, compacted);`, `yield changeOf(log, entry);`),
  push(
    "saved",
    "a subscription remembers since when",
    `...placeAfter(place, since) });`,
    `position: place.position, tick: place.tick });`,
  ),
  push(
    "change",
    "a handler's cursor tells since when",
    `changeOf(state.log, entry, since);`,
    `changeOf(state.log, entry);`,
  ),
  partition(
    "passed",
    "a partition that has nothing on a page remembers since when",
    `tick: to.tick, since: to.since }`,
    `tick: to.tick }`,
  ),
  get("cursor", "what is got is of now", `placeAfter(entry, compacted)`, `entry`),
];
