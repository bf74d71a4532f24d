import { type Mutant, mutantsOf } from "./mutant.ts";

const pot = mutantsOf("budget-pot-", "src/budget/pot.ts", ["test/purse.test.ts"]);
const lesson = mutantsOf("budget-lesson-", "src/budget/lesson.ts", ["test/purse.test.ts", "test/lesson.test.ts"]);
const purse = mutantsOf("budget-purse-", "src/budget/purse.ts", ["test/purse.test.ts"]);
const ask = mutantsOf("budget-purse-", "src/budget/ask.ts", ["test/purse.test.ts"]);
const told = mutantsOf("budget-purse-", "src/budget/told.ts", ["test/purse.test.ts"]);
const room = mutantsOf("budget-purse-", "src/budget/room.ts", ["test/budget.test.ts"]);
const wallet = mutantsOf("budget-wallet-", "src/budget/wallet.ts", ["test/budget.test.ts"]);
const funds = mutantsOf("budget-wallet-", "src/budget/funds.ts", ["test/budget.test.ts"]);
const tell = mutantsOf("budget-tell-", "src/budget/funds.ts", ["test/limits.test.ts"]);
const asking = mutantsOf("budget-asking-", "src/budget/asking.ts", ["test/limits.test.ts"]);
const terms = mutantsOf("budget-budget-", "src/budget/terms.ts", ["test/budget.test.ts"]);
const places = mutantsOf("budget-budget-", "src/budget/places.ts", ["test/budget.test.ts"]);
const wallets = mutantsOf("budget-budget-", "src/budget/wallets.ts", ["test/budget.test.ts"]);
const budgets = mutantsOf("budget-budgets-", "src/budget/budgets.ts", ["test/budget.test.ts"]);
const rooms = mutantsOf("budget-rooms-", "src/budget/rooms.ts", ["test/budget.test.ts"]);
const limit = mutantsOf("budget-limit-", "src/limit.ts", ["test/purse.test.ts"]);
const record = mutantsOf("budget-record-", "src/work/record.ts", ["test/budget.test.ts"]);
const call = mutantsOf("budget-call-", "src/work/call.ts", ["test/budget.test.ts"]);
const repair = mutantsOf("budget-get-", "src/get.ts", ["test/budget.test.ts"]);

/** Guards of the budget of a credential. */
export const budgetArea: readonly Mutant[] = [
  pot("share", "each class has a part of its own", `const SHARE = 0.1;`, `const SHARE = 0.001;`),
  pot("floor", "the less urgent leave something to the others", `const LEFT = 0.5;`, `const LEFT = 0;`),
  pot("overflow", "what one does not take the others have", `common + rest)`, `common + came / 2)`),
  pot("debt", "what a call costs beyond what is there is owed", `own - (byCommon ? 0 : rest) : share`, `own : share`),
  lesson("measured", "a refusal teaches what was answered", `if (lesson.calls < MANY) {`, `if (true) {`),
  lesson("doubled", "a rest that did not help is doubled", `asked * 2 ** Math.max(0, strikes - 1)`, `asked`),
  lesson("good", "what was good comes back quickly", `* 2 ** (ms / QUICKLY)`, `* 2 ** (ms / 1e9)`),
  lesson("idle", "where there was no pressure nothing is measured", `idle ? { since: now, calls } : `, ``),
  ask("trial", "after a refusal one call at a time tries", `purse.trial === null ? Math.max(`, `true ? Math.max(`),
  purse(
    "again",
    "those under way with a refusal are no news",
    `if (now < purse.until) return {`,
    `if (false) return {`,
  ),
  told("reserve", "the application's part is left", `left - reserve * of`, `left`),
  told("overtaken", "answers overtake each other", `same ? Math.min(told.left, said.left) : said.left`, `said.left`),
  purse("stands", "a clock that stands stops no budget", `now > purse.until ? elapsed : 0`, `0`),
  room("quota", "a quota is kept", `quota && slow ? waitFor(quota, slow.size, cls, slow.perMs) : 0,`, `0,`),
  wallet(
    "queue",
    "polls and pages wait for their turn",
    `&& this.room(cls) > 0) return this.begin(cls);`,
    `) return this.begin(cls);`,
  ),
  funds(
    "said",
    "what the provider says is left is not passed",
    `this.#tokens(cls), this.#remaining.calls(this.#cost)`,
    `this.#tokens(cls)`,
  ),
  funds(
    "careful",
    "who is denied has nothing from the pocket",
    `if (this.#isCareful || classes.some((one) => this.#blocks.denied(one) > 0)) return held;`,
    ``,
  ),
  funds(
    "told",
    "what was spent without a word is told",
    `spent: this.#pocket.tell(),`,
    `spent: 0 * this.#pocket.tell(),`,
  ),
  tell("spent", "what was spent is told again if nobody heard it", `this.#pocket.spend(spent);`, ``),
  tell("said", "what was heard is told again", `if (said) this.#remaining.untell();`, ``),
  tell("refused", "a refusal is told again", `this.#refused ??= refused;`, ``),
  asking("fail", "a store that fails is left alone for a second", `this.#funds.fail();`, ``),
  asking("close", "what an answer brings to who stops is given back", `    await this.#running;\n`, ``),
  tell("over", "what was heard is told though it is over", `(most[i] ?? 0) === 0 || this.wait`, `this.wait`),
  funds("cost", "a call pays what its answers cost", `this.#pocket.spend(what.cost - paid);`, ``),
  terms("rate", "the application's part is off the rate", `rate: rate * (1 - reserve)`, `rate`),
  places(
    "places",
    "a place is kept for live reads",
    `cls === "live" || all === 1 ? all : all - 1`,
    `cls === "live" ? all : all`,
  ),
  wallets(
    "credential",
    "scopes share what their credential has",
    `limits?.credential?.(scope) ?? scope`,
    `scope ?? scope`,
  ),
  budgets(
    "says",
    "only credentials of which there is something to say are listed",
    `return says ? [health] : [];`,
    `return [health];`,
  ),
  budgets(
    "forget",
    "a purse that says nothing is forgotten",
    `if (!isForgettable(purse, terms, tick)) continue;`,
    `continue;`,
  ),
  budgets("alarm", "a while is no alarm", `refused && now - refused.getTime() > LONG`, `refused`),
  rooms(
    "leased",
    "a row whose read cannot begin is not leased",
    `if (wallet.room(cls) <= begun) {`,
    `if (wallet.room(cls) < 0) {`,
  ),
  limit(
    "until",
    "what is left is left until a time",
    `left === undefined || !(wait >= 0 && wait <= LONGEST)`,
    `left === undefined`,
  ),
  limit(
    "least",
    "of several policies the one of which least is left",
    `.sort((a, b) => (a.left ?? 0) - (b.left ?? 0))`,
    ``,
  ),
  record(
    "waits",
    "to wait for the budget is no failure",
    `error instanceof BudgetSpent ? { ...settled, error: row.error } : settled`,
    `settled`,
  ),
  call("refused", "a refusal teaches", `else admitted.refused(error.ms);`, ``),
  repair("why", "get says that it waits for the budget", `waitsFor(engine, kind, ref) ?? `, ``),
];
