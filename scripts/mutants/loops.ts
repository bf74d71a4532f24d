import { type Mutant, mutantsKilledBy } from "./mutant.ts";

const sync = mutantsKilledBy("", ["test/sync.test.ts"]);
const intake = mutantsKilledBy("", ["test/sync.test.ts", "test/receive.test.ts", "test/economy.test.ts"]);
const limits = mutantsKilledBy("", ["test/limits.test.ts"]);
const drain = mutantsKilledBy("", ["test/drain.test.ts"]);
const outage = mutantsKilledBy("", ["test/outage.test.ts"]);
const sqlite = mutantsKilledBy("", ["test/store/sqlite.test.ts"]);
const scopes = mutantsKilledBy("", ["test/scopes.test.ts"]);
const pressure = mutantsKilledBy("", ["test/pressure.test.ts"]);
const delivery = mutantsKilledBy("", ["test/delivery.test.ts"]);
const economy = mutantsKilledBy("", ["test/economy.test.ts"]);
const schedule = mutantsKilledBy("", ["test/schedule.test.ts"]);
const checkpoint = mutantsKilledBy("", ["test/checkpoint.test.ts"]);
const receive = mutantsKilledBy("", ["test/receive.test.ts"]);
/** Tests in which thousands of scopes run for minutes of virtual time. */
const many = mutantsKilledBy("", ["test/scale.test.ts"]);

/** Guards of what keeps scopes apart. */
const scale: readonly Mutant[] = [
  many(
    "scale-poll-once",
    "src/poll.ts",
    "two processes poll once",
    `pollDue(state, engine.schedule.poll(provider, scope, feed, state), 0) <= tick`,
    `tick > 0`,
  ),
  many(
    "scale-sweep-once",
    "src/sweep.ts",
    "two processes sweep once",
    `sweepDue(state, engine.schedule.sweep(state), 0) <= tick;`,
    `tick > 0 || at.at > tick;`,
  ),
  many(
    "scale-pace",
    "src/reconcile/line.ts",
    "what is overdue is spread",
    `return this.kind === "sweep" ? 0 : this.#pace.wait(now);`,
    `return 0;`,
  ),
  limits(
    "limits-checked",
    "src/kind.ts",
    "limits with which nothing would be asked",
    `    checkLimits(key, provider);\n`,
    ``,
  ),
  limits(
    "limits-clock",
    "src/budget/span.ts",
    "a clock that is put back",
    `if (now < this.#since) this`,
    `if (now < 0) this`,
  ),
  limits(
    "limits-told",
    "src/budget/remaining.ts",
    "what was said of a time that is over",
    `now >= heard.resets || `,
    ``,
  ),
  limits(
    "limits-failed",
    "src/reconcile/schedule.ts",
    "a log of failed deliveries covers nothing",
    `webhooks !== "failed"`,
    `webhooks !== undefined`,
  ),
  limits("limits-awaited", "src/reconcile/missed.ts", "nothing is awaited for hours", ` || until > now + GRACE`, ``),
  drain(
    "drain-held",
    "src/reconcile.ts",
    "what another process is at does not keep a drain from its end",
    `if (!next.held) ran++;`,
    `ran++;`,
  ),
  outage(
    "outage-wait",
    "src/work.ts",
    "what failed waits while all of its type fails",
    `const wait = row.attempts > 0 ?`,
    `const wait = row.attempts < 0 ?`,
  ),
  outage(
    "outage-new",
    "src/work.ts",
    "what was never tried is tried",
    `const wait = row.attempts > 0 ?`,
    `const wait = row.attempts >= 0 ?`,
  ),
  outage(
    "outage-worked",
    "src/work/record.ts",
    "an answer ends an outage",
    `outages.worked(outageKey(job))`,
    `outages.wait(outageKey(job), 0)`,
  ),
  outage(
    "outage-backoff",
    "src/row.ts",
    "failures back off to an hour",
    `BACKOFF[0] * 2 ** row.attempts`,
    `BACKOFF[0] * 2 ** Math.min(row.attempts, 5)`,
  ),
  outage("outage-many", "src/work/outage.ts", "some failures are no outage", `count < MANY ? 0`, `count < 2 ? 0`),
  many(
    "scale-wanted-first",
    "src/reconcile/lane.ts",
    "what is wanted comes first",
    `at <= now && lane.wanted?.has(i) ? at - AHEAD : at`,
    `at`,
  ),
  many(
    "scale-ailing",
    "src/reconcile/line.ts",
    "scopes that hang have their own places",
    `lane.failed ? this.#ailing : this.#well;`,
    `this.#well;`,
  ),
  many(
    "scale-turn",
    "src/reconcile.ts",
    "a sweep lets others have its place",
    `over() || time.now() >= end || engine`,
    `over() || end < 0 || engine`,
  ),
  many(
    "scale-own-types",
    "src/reconcile/lane.ts",
    "and the other types of its own scope",
    `.sort((a, b) => rank(a) - rank(b))`,
    `.sort((a, b) => a - b || rank(a))`,
  ),
  many(
    "scale-left",
    "src/reconcile/line.ts",
    "who left is left alone",
    `if (!scopes.has(scope)) this.#forget(lane);`,
    `if (scope === "never") this.#forget(lane);`,
  ),
  many(
    "scale-forget",
    "src/reconcile/patrol.ts",
    "who left may come back for a week",
    `at.holder === null && tick - at.at > FORGET`,
    `at.holder === null && tick - FORGET > 0`,
  ),
  many(
    "scale-week",
    "src/reconcile/patrol.ts",
    "what is not to be forgotten yet costs no transaction",
    "if (!isOld(known, now() * 1_000)) return;",
    "",
  ),
  many(
    "scale-sure",
    "src/reconcile/patrol.ts",
    "one short answer of a provider makes nothing forgotten",
    `engine.time.now() - since < SURE`,
    `engine.time.now() < since`,
  ),
  many(
    "scale-tidy",
    "src/reconcile/patrol.ts",
    "what is left behind is forgotten",
    `          await tidy(at);
`,
    `          if (at.name === "") await tidy(at);
`,
  ),
  many(
    "scale-note",
    "src/reconcile/plan.ts",
    "another process hears what is wanted",
    `value: String(tick), at: tick`,
    `value: null`,
  ),
  many(
    "scale-note-met",
    "src/reconcile.ts",
    "and that it is done",
    `if (wanted && next.met > 0)`,
    `if (wanted && next.met < 0)`,
  ),
  many(
    "scale-backoff",
    "src/reconcile/lane.ts",
    "what fails waits, though it is wanted",
    `if (!lane.failed?.has(i)) lane.at`,
    `lane.at`,
  ),
  many(
    "scale-access",
    "src/reconcile.ts",
    "lost access is asked about ever less",
    `ACCESS_PAUSE[0] * 2 ** (failures - 1)`,
    `ACCESS_PAUSE[0] + 0 * failures`,
  ),
  many(
    "scale-patrol",
    "src/reconcile.ts",
    "a page a minute, not all",
    `if (isPast(time, patrolled, PATROL)) {`,
    `if (patrolled < 1e15) {`,
  ),
  many(
    "scale-survey",
    "src/reconcile.ts",
    "the order after a stop is known",
    `if (patient || Math.max(...counts) > MANY)`,
    `if (patient || Math.max(...counts) > 1)`,
  ),
  many(
    "scale-budget",
    "src/budget/forget.ts",
    "a budget forgets scopes",
    `if (saysNothing(one)) all.delete(key);`,
    `if (saysNothing(one)) all.get(key);`,
  ),
  sqlite(
    "scale-blank",
    "src/store/checkpoints.ts",
    "a checkpoint that says nothing is forgotten",
    `if (isBlank(saved)) db`,
    `if (isBlank({ ...saved, value: "" })) db`,
  ),
];

/** Guards of the loops. */
export const loops: readonly Mutant[] = [
  scopes(
    "scopes-return",
    "src/scopes.ts",
    "scopes that are given up let go",
    "Promise.resolve(each.return?.()).catch(() => {});",
    "",
  ),
  pressure(
    "saving-slot",
    "src/work.ts",
    "a read that is being saved takes no slot",
    "SLOTS - reading",
    "SLOTS - flying.size",
  ),
  pressure("saving-most", "src/work.ts", "what waits to be saved has an end", "MOST - flying.size", "MOST"),
  pressure(
    "saving-wake",
    "src/work.ts",
    "reads go on when what was read is saved",
    "if (flying.size + 1 === MOST)",
    "if (false)",
  ),
  delivery(
    "linger",
    "src/deliver.ts",
    "a place is held for the next change",
    "if (linger === 0 ||",
    "if (linger >= 0 ||",
  ),
  delivery("linger-end", "src/deliver.ts", "a place is not held for ever", "if (grown.rings === heard) break;", ""),
  delivery(
    "linger-stop",
    "src/deliver.ts",
    "a stop waits for no change",
    "await grown.wait(time, linger, stopping, heard);",
    "await grown.wait(time, linger, undefined, heard);",
  ),
  sync(
    "read-id",
    "src/work/read.ts",
    "an answer that is another resource is refused",
    `if (resource.id(state) === id) return;`,
    `return;`,
  ),
  intake(
    "hints-fit",
    "src/hints.ts",
    "what no store can keep is left out",
    `(typeof ref.id !== "string" || isRef(ref))`,
    "true",
  ),
  sync(
    "read-probe-before",
    "src/work/read.ts",
    "an absence needs a probe before",
    `      await probe.ask(kind, scope, cls);
      for (`,
    `      for (`,
  ),
  sync(
    "read-probe-after",
    "src/work/read.ts",
    "and one after",
    `    }
    await probe.ask(kind, scope, cls);
`,
    `    }
`,
  ),
  sync(
    "read-again",
    "src/work/read.ts",
    "and a read between the two",
    `of await fetchStates(engine, job, missing, found)) states`,
    `of [...states]) states`,
  ),
  sync(
    "record-related",
    "src/work/record.ts",
    "related resources are looked at",
    `const related = state === null ? [] : (resource.related?.(state) ?? []);`,
    `const related: never[] = [];`,
  ),
  sync(
    "record-hidden",
    "src/work/record.ts",
    "a hidden resource owes nothing",
    `if (error instanceof Hidden && rows.length === 1) {
      // What`,
    `if (false) {
      // What`,
  ),
  sync(
    "record-rest",
    "src/work/call.ts",
    "a provider that asks to wait is left alone",
    `else admitted.refused(error.ms);`,
    ``,
  ),
  sync(
    "work-places",
    "src/budget/places.ts",
    "reads at once per scope",
    `(this.#taken.get(key) ?? 0) + more < placesOf(this.#all, cls)`,
    `true`,
  ),
  sync(
    "sweep-suspect",
    "src/sweep.ts",
    "what a sweep did not see is asked for",
    `return { row: suspect(row, { tick, class: "suspect", via: "sweep", due }) };`,
    `return due < 0 ? { row } : undefined;`,
  ),
  sync(
    "sweep-backfill",
    "src/sweep.ts",
    "only the first complete sweep is initial",
    `completed === null ? "backfill" : "sweep"`,
    `"backfill" as Via`,
  ),
  sync(
    "sweep-circle",
    "src/reconcile/plan.ts",
    "a list that never ends is noticed",
    `if (next === state.mark || next === state.page)`,
    `if (state.pages > 1e9)`,
  ),
  sync(
    "sweep-old",
    "src/reconcile/plan.ts",
    "an old sweep starts anew",
    `phase !== "done" && now - moved > ticks(sweepEvery)`,
    `false`,
  ),
  sync(
    "sweep-wanted",
    "src/reconcile/plan.ts",
    "a sweep that is wanted begins",
    `if (state.wanted !== null && state.wanted >= state.begun) return 0;`,
    ``,
  ),
  sync(
    "poll-wanted",
    "src/reconcile/plan.ts",
    "a feed that is wanted is asked",
    `if (state.wanted !== null || state.polled === null) return 0;`,
    `if (state.polled === null) return 0;`,
  ),
  sync(
    "poll-gap",
    "src/poll.ts",
    "a gap is swept",
    `if (missed) await openGap(engine, { provider, scope, what, types: fullTypes(provider, feed.types), ...missed });`,
    ``,
  ),
  schedule(
    "poll-more",
    "src/poll.ts",
    "a feed is asked until it has nothing more",
    `if (!more || left) return;`,
    `return;`,
  ),
  economy(
    "poll-period",
    "src/reconcile/plan.ts",
    "a feed is asked as often as it bears",
    `return state.polled + ticks(every * (0.9 + 0.1 * spread));`,
    `return 0;`,
  ),
  economy(
    "sweep-period",
    "src/reconcile/plan.ts",
    "a sweep begins when its period is over",
    `return state.begun + ticks(sweepEvery * (0.9 + 0.1 * spread));`,
    `return Number.MAX_SAFE_INTEGER;`,
  ),
  checkpoint(
    "hold-first",
    "src/hold.ts",
    "the first error is told",
    "await letGo().catch(() => {});",
    "await letGo();",
  ),
  sync(
    "hold-lost",
    "src/hold.ts",
    "who lost the hold saves nothing",
    `if (!moved) throw new Overtaken`,
    `if (!moved) return at;
        if (!moved) throw new Overtaken`,
  ),
  intake(
    "receive-scope",
    "src/receive.ts",
    "what was verified for one scope touches no other",
    `if (scope !== undefined && hints.some((hint) => hint.scope !== scope)) {`,
    `if (scope === "never") {`,
  ),
  receive(
    "receive-known",
    "src/receive.ts",
    "a scope that there is not gets no rows",
    `if (await engine.scopes.has(provider, hint.scope)) known.push(hint);`,
    `known.push(hint);`,
  ),
  intake(
    "receive-method",
    "src/receive.ts",
    "only POST",
    `if (request.method !== "POST")`,
    `if (request.method === "NONE")`,
  ),
  intake(
    "receive-detail",
    "src/receive.ts",
    "no detail leaks",
    `reply: reply(400, "signed, but not readable")`,
    `reply: reply(400, String(error))`,
  ),
  intake(
    "web-announced",
    "src/web.ts",
    "a body is refused by its announced length",
    `if (Number(announced ?? 0) > limit) throw tooLarge(limit);`,
    ``,
  ),
  intake(
    "web-counted",
    "src/web.ts",
    "and by the bytes that came",
    `if (size > limit) throw tooLarge(limit);`,
    `if (size > 1e9) throw tooLarge(limit);`,
  ),
  economy(
    "work-line",
    "src/work.ts",
    "a full scope's rows do not hide another's hint, however many there are",
    "due: Math.max(place, tick + back, tick + ticks(turn))",
    "due: Math.max(tick + back, tick + ticks(turn))",
  ),
  economy(
    "work-ended",
    "src/work.ts",
    "a read that ends looks at few rows",
    "const whole = rest <= 0 || rest > CROWDED;",
    "const whole = true;",
  ),
  intake("web-late", "src/web.ts", "and when it takes too long", `reject(tooSlow())`, `{}`),
  intake("node-twice", "src/node.ts", "a header that came twice is none", `if (found !== null) return null;`, ``),
  intake(
    "node-parsed",
    "src/node.ts",
    "a body parser that ran first is named",
    `request.readableDidRead || ("body" in request && request.body !== undefined)`,
    `false`,
  ),
  sync(
    "cursor-log",
    "src/change.ts",
    "a cursor of another log is lost",
    `if (log !== head.log) throw`,
    `if (log === "") throw`,
  ),
  sync(
    "cursor-head",
    "src/change.ts",
    "a cursor beyond the end is lost",
    `if (position > head.position) {`,
    `if (position > 1e15) {`,
  ),
  sync(
    "cursor-tick",
    "src/change.ts",
    "a cursor must name what stands there",
    `entry.tick === tick : position`,
    `true : position`,
  ),
  sync("cursor-sweep", "src/stream.ts", "a lost cursor has everything looked at again", `await lost();`, ``),
  sync(
    "deliver-park",
    "src/deliver/push.ts",
    "a handler that throws holds back its resource",
    `if (trouble || parked.has(key)) return;`,
    ``,
  ),
  sync(
    "deliver-initial",
    "src/deliver/push.ts",
    "a handler may do without what was there before",
    `if (change.initial && !initial) return undefined;`,
    ``,
  ),
  sync(
    "deliver-order",
    "src/deliver/push.ts",
    "of one resource one change at a time",
    `(before.get(key) ?? Promise.resolve())`,
    `Promise.resolve()`,
  ),
  sync(
    "deliver-due",
    "src/deliver/push.ts",
    "a handler is not tried again at once",
    `state.parked.filter(({ due }) => due <= time.now())`,
    `state.parked.filter(() => true)`,
  ),
  sync(
    "kind-lag",
    "src/kind.ts",
    "a type must declare a version or a finite lag",
    `if (resource.version === undefined && !(resource`,
    `if (resource.id === undefined && !(resource`,
  ),
  sync(
    "kind-probe",
    "src/kind.ts",
    "and a probe or a list",
    `if (probe === undefined && resource.list === undefined) {`,
    `if (resource.id === undefined) {`,
  ),
  sync(
    "observe-throws",
    "src/options.ts",
    "an observer that throws stops nothing",
    `    try {
      observe(event);
    } catch {
      // A broken observer must not stop what it observes.
    }`,
    `    observe(event);`,
  ),
  ...scale,
];
