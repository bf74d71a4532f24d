import type { Mutant } from "./mutant.ts";

const tests = ["postgres.server", "postgres"].map((name) => `test/store/${name}.test.ts`);
const cut = ["test/store/postgres.cut.test.ts"];
const processes = ["test/store/postgres.processes.test.ts"];
const at = (id: string, file: string, removes: string, find: string, replace: string, by = tests): Mutant => ({
  ...{ id: `postgres-${id}`, file: `src/store/postgres/${file}`, removes, find, replace, tests: by },
});

/** Guards of the Postgres store. */
export const postgres: readonly Mutant[] = [
  at("order", "write.ts", "ticks of one row keep its order", "touched < tick ? tick :", "touched < Infinity ? tick :"),
  at("alone", "write.ts", "what is refused fails alone", `remedyFor(cause) === "job" &&`, "false &&"),
  at("waiting", "write.ts", "hints are put to rows before anyone looks", "begun.waiting &&", "false &&"),
  at("entry-lasts", "write.ts", "an entry is never lazy", "if (lazy && entries.length > 0)", "if (false)"),
  at("lazy", "write.ts", "a lease waits for no disk", "wishes.every((wish) => wish.lazy)", "false"),
  at(
    "overtaken",
    "save.ts",
    "a row that another creates is looked at again",
    `!== fresh) {`,
    `!== fresh && fresh < 0) {`,
  ),
  at(
    "previous",
    "save.ts",
    "an entry follows one of its own group",
    "then h.base + k.previous -",
    "then 0 * h.base + k.previous -",
  ),
  at("keep", "inbox.ts", "of a job that threw no hint is kept", `results[i]?.status === "fulfilled"`, "results[i]"),
  at("hinted", "fold.ts", "an earlier hint hides no later one", "Math.max(note.tick, at.hinted ?? 0)", "note.tick"),
  at(
    "whole",
    "inbox.ts",
    "all of the inbox is put to its rows",
    `Number(newest?.["seq"]) < Number(newest?.["last"])`,
    "false",
  ),
  at("once", "write.ts", "who looks waits for no later hints", "select); ; looks = false) {", "select); ; ) {"),
  at(
    "candidates",
    "lock.ts",
    "a claim takes what was posted",
    "locked.selected.set(at, own.map(keyOf))",
    "locked.selected.set(at, [])",
  ),
  at(
    "foreign",
    "lock.ts",
    "a claim takes no other provider's hint",
    'providers.includes(type.slice(0, type.indexOf(".")))',
    "true",
  ),
  at("replaced", "lock.ts", "what leaves a class is replaced", "most(one.class) + taken.length", "most(one.class)"),
  at(
    "hinted-seen",
    "lock.ts",
    "what was posted takes no place of the unseen",
    "changedBy(wishes, i) + others",
    "changedBy(wishes, i)",
  ),
  at("taken-kept", "write.ts", "what changes no row leaves the inbox, too", "=== 0 && taken.empty", "=== 0"),
  at("skip", "lock.ts", "a claim waits for nobody", "limit c.most for update skip locked", "limit c.most for update"),
  at(
    "lock",
    "lock.ts",
    "a row is locked before its step",
    "order by r.type, r.scope, r.id for update of r",
    "order by r.type, r.scope, r.id",
    processes,
  ),
  at("unseen-gap", "lock.ts", "a row changed meanwhile ends no sweep", "  refuseSeen(wishes, locked);\n", ""),
  at("unseen-more", "lock.ts", "nor does one of the same group", "select.limit + changedBy(wishes, i)", "select.limit"),
  at("again", "retry.ts", "what may succeed is repeated", `remedyFor(error) !== "again" ||`, "true ||", cut),
  at("bounded", "retry.ts", "and not for ever", "attempt >= MOST || time.now() >= end", "false", cut),
  at(
    "silent",
    "client.ts",
    "a server that never answers is given up",
    `() => release(new Error(`,
    `() => void (new Error(`,
    cut,
  ),
  at(
    "listener",
    "client.ts",
    "a closed connection ends no process",
    "    if (!error) client.remove",
    "    client.remove",
  ),
  at("forgetful", "client.ts", "a pooler that forgets is met without names", "FORGOTTEN.includes(error.code)", "false"),
  at(
    "named",
    "client.ts",
    "a name means one statement in all processes",
    `hash("sha256", text, "base64url").slice(0, 22)`,
    "names.size",
  ),
  at("replica", "session.ts", "a replica is refused", `if (replica === "t")`, "if (false)"),
  at("durable", "session.ts", "a server that loses commits is refused", `["set"] !== "on"`, `["set"] === "never"`),
  at("newer", "migrate.ts", "tables of a newer version are refused", "if (oldest > steps.length)", "if (false)"),
  at("own", "listen.ts", "a process does not wake itself", ".payload !== name", ".payload !== undefined"),
  at("missed", "listen.ts", "it looks when it listens again", "    heard();\n    if (!signal", "    if (!signal"),
  at(
    "within-created",
    "within.ts",
    "a checkpoint that another creates meanwhile undoes no work",
    "|| attempt === MOST",
    "|| attempt > 0",
  ),
  at(
    "within",
    "within.ts",
    "work whose checkpoint was lost is undone",
    `outcome.checkpoints.size > 0 ? "commit" : "rollback"`,
    `"commit"`,
  ),
  at(
    "doubt",
    "write.ts",
    "a lost commit leases nothing to nobody",
    "if (before) await letGo",
    "if (false) await letGo",
    ["test/postgres/claim.test.ts"],
  ),
  at("doubt-own", "doubt.ts", "the lease of another is left to it", "row.lease !== before ?", "true ?", [
    "test/postgres/claim.test.ts",
  ]),
  at(
    "forgotten",
    "session.ts",
    "a tick that a server forgot is not given out again",
    "is not distinct from pg_postmaster_start_time() then 0",
    "is distinct from null then 0 when true then 0",
    ["test/postgres/clock.test.ts"],
  ),
  {
    ...{ id: "postgres-fit-note", file: "src/store/postgres.ts", tests },
    ...{ removes: "a note that cannot come to a row is refused", find: "      checkNotes(notes);\n", replace: "" },
  },
  {
    ...{ id: "postgres-fit-row", file: "src/store/postgres.ts", tests },
    ...{ removes: "so is a row", find: `      if ("refs" in select) select.refs.forEach(checkRef);\n`, replace: "" },
  },
  {
    ...{ id: "postgres-heard", file: "src/store/postgres.ts", tests: ["test/postgres/pool.test.ts"] },
    ...{ removes: "a pool keeps one listener", find: "if (!heard.has(pool)) pool", replace: "if (true) pool" },
  },
  {
    ...{ id: "postgres-posting", file: "src/store/postgres.ts", tests },
    ...{ removes: "who looks waits for what was posted before", find: "    await posting;\n", replace: "" },
  },
];
