import { type Mutant, mutantsOf } from "./mutant.ts";

const known = mutantsOf("hooks-known-", "src/hook/known.ts", ["test/hook/known.test.ts"]);
const silence = mutantsOf("hooks-silence-", "src/hook/silence.ts", ["test/hook/silence.test.ts"]);
const registry = mutantsOf("hooks-hooks-", "src/hook/hooks.ts", ["test/hook/hooks.test.ts"]);
const address = mutantsOf("hooks-address-", "src/hook/address.ts", ["test/hook/setup.test.ts"]);
const setup = mutantsOf("hooks-setup-", "src/hook/setup.ts", ["test/hook/setup.test.ts"]);
const secret = mutantsOf("hooks-secret-", "src/hook/secret.ts", ["test/hook/setup.test.ts", "test/hook/tend.test.ts"]);
const tend = mutantsOf("hooks-tend-", "src/hook/tend.ts", ["test/hook/setup.test.ts", "test/hook/tend.test.ts"]);
const regain = mutantsOf("hooks-regain-", "src/hook/regain.ts", ["test/hook/setup.test.ts", "test/hook/tend.test.ts"]);
const watch = mutantsOf("hooks-watch-", "src/hook/watch.ts", ["test/hook/tend.test.ts"]);
const health = mutantsOf("hooks-health-", "src/hook/health.ts", ["test/hook/tend.test.ts", "test/hook/setup.test.ts"]);
const reconcile = mutantsOf("hooks-reconcile-", "src/reconcile.ts", [
  "test/hook/setup.test.ts",
  "test/hook/tend.test.ts",
]);
const patrol = mutantsOf("hooks-patrol-", "src/reconcile/patrol.ts", ["test/hook/hooks.test.ts"]);
const losses = mutantsOf("hooks-losses-", "src/loss/losses.ts", ["test/hook/tend.test.ts"]);
const sends = mutantsOf("hooks-world-", "src/testing/world/hooks.ts", ["test/hook/worlds.test.ts"]);

/** Guards of what looks after hooks. */
export const hooks: readonly Mutant[] = [
  known(
    "wanted",
    "what is wanted is looked at now",
    `if (wanted !== null || checked === null) return 0;`,
    `if (checked === null) return 0;`,
  ),
  known("spread", "hooks are not looked at together", `(0.9 + 0.1 * spread)`, `1`),
  known(
    "troubled",
    "one in trouble is looked at sooner",
    `fault === null ? EVERY : isFresh`,
    `fault !== null ? EVERY : isFresh`,
  ),
  known("slow", "thousands are looked at less often", `Math.max(1, hooks / LOOKS)`, `1`),
  known("twice", "but twice a day", `Math.min(LEAST, `, `Math.min(Infinity, `),
  known(
    "fresh",
    "one that was mended is looked at again soon",
    `checked - repaired < ticks(MENDED)`,
    `checked < repaired`,
  ),
  known("unkept", "a hook whose secret nobody has is not right", `verdict.ok && unkept ? UNKEPT : verdict`, `verdict`),
  known(
    "gone",
    "one that is gone has no secret to lose",
    `const unkept = hook.unkept && !isMissing;`,
    `const unkept = hook.unkept;`,
  ),
  known("since", "trouble is since it began", `since: hook.since ?? start`, `since: start`),
  known("long", "what a plugin says is cut", `problem: is.problem.slice(0, 500)`, `problem: is.problem`),
  known(
    "rested",
    "repairs are counted until it is right for a day",
    `repairs: rested ? 0 : hook.repairs`,
    `repairs: 0`,
  ),
  known(
    "merge",
    "what is wanted meanwhile is still to be done",
    `stored.wanted > (hook.checked ?? 0)`,
    `stored.wanted > Infinity`,
  ),
  known("met", "what was wanted before is done", `stored.wanted > (hook.checked ?? 0)`, `stored.wanted > 0`),
  known("access", "what cannot be seen is not mended", `if (fault === "access") return`, `if (fault === null) return`),
  known(
    "repair",
    "nothing is mended against the application's word",
    `if (!repair) return`,
    `if (repair === null) return`,
  ),
  known(
    "helps",
    "what would change nothing is left",
    `if (fault === "secret" && unkept) return "it is not mended";`,
    "",
  ),
  known(
    "keeps",
    "no hook is made whose secret nobody keeps",
    `if (keeps || givesSecret === undefined ||`,
    `if (givesSecret !== "never" ||`,
  ),
  known("same", "what keeps its secret is mended", ` || (fault !== null && !NEEDS_SECRET.has(fault))`, ""),
  known("hourly", "it is mended once an hour", `repairs > 0 ? REPAIR : 0`, `0`),
  known("doubles", "a failure is tried again later each time", `MENDED * 2 ** (failures - 1)`, `MENDED`),
  known("most", "and within an hour", `ticks(Math.min(REPAIR, pause))`, `ticks(pause)`),
  known("tried", "before it is mended it counts as failed", `failures: hook.failures + 1,`, `failures: hook.failures,`),
  known(
    "lost",
    "a secret that is told once is lost until it is kept",
    `(givesSecret === "once" && (hook.fault === "missing" || hook.fault === "elsewhere"))`,
    `false`,
  ),
  known(
    "again",
    "one that can be asked for again is not",
    `givesSecret === "once" && (`,
    `givesSecret !== undefined && (`,
  ),
  known(
    "off",
    "one that is switched on keeps its secret",
    `givesSecret === "once" && (hook.fault === "missing" || hook.fault === "elsewhere")`,
    `givesSecret === "once"`,
  ),

  silence("least", "two changes are no sign", `const LEAST = 3;`, `const LEAST = 2;`),
  silence("apart", "what one poll found is no sign", `latest - first < APART`, `latest < first`),
  silence(
    "hour",
    "what was long ago is no sign",
    `const isRecent = (slot: number, now: number): boolean => (slot + 1) * SLOT > now - HOUR;`,
    `const isRecent = (slot: number, now: number): boolean => slot < now;`,
  ),
  silence("heard", "a webhook since then ends it", `const last = slots.findLast(`, `const last = slots.find(`),
  silence(
    "told",
    "of a type that no webhook told of nothing is said",
    `told.size === 0 || told.has(type)`,
    `told.size >= 0`,
  ),
  silence(
    "never",
    "where none ever came none is missed",
    `if (last === undefined && expected === undefined) return undefined;`,
    "",
  ),
  silence(
    "setup",
    "from setup on, not from before",
    `const begin = last ?? slotOf(expected ?? 0);`,
    `const begin = last ?? -1;`,
  ),
  silence(
    "crowded",
    "of scopes without counts nothing is said",
    `if (recent.some(([, { scopes }]) => scopes.length >= SCOPES)) return [];`,
    "",
  ),
  silence(
    "ended",
    "a webhook ends it",
    `known.filter((one) => !hasEnded(one, slots, now) && now - one.at < WEEK)`,
    `known.filter((one) => now - one.at < WEEK)`,
  ),
  silence("week", "it ends after a week", ` && now - one.at < WEEK`, ""),
  silence("closed", "an hour long over ends none", ` || hourOfSlot(slot) < Math.floor(now / HOUR) - 1`, ""),
  silence("before", "nor does what came before", `(slot + 1) * SLOT <= at || `, ""),
  silence("whole", "one that is part of all is not told beside it", `if (whole) return [whole];`, ""),

  registry(
    "shared",
    "scopes that share a hook have one state",
    `this.#providers[provider]?.endpoint?.shared?.(scope) ?? scope`,
    `scope`,
  ),
  registry(
    "old",
    "what is long ago is not known",
    `if (!known || ticks(now) - known.checked > ticks(2 * EVERY * this.slowness(provider, scope))) return "unknown";`,
    `if (!known) return "unknown";`,
  ),
  registry("share", "each credential has hooks of its own", `share.set(credential, `, `share.set("", `),
  registry("silent", "where webhooks stopped nothing is good", `if (silent) return "bad";`, ""),
  registry(
    "scope",
    "one silent scope says nothing of another",
    `one.scope === null || one.scope === scope`,
    `one.scope !== ""`,
  ),
  registry(
    "cached",
    "ten thousand scopes are not gone through every time",
    `if (known?.of === there) return known.scopes;`,
    "",
  ),
  registry("anew", "another call of setup counts", `    this.#tended.delete(provider);\n`, ""),

  address("https", "a webhook goes over https", `parsed?.protocol === "https:" ||`, `parsed !== undefined ||`),
  address(
    "loopback",
    "but to this machine",
    ` || (parsed?.protocol === "http:" && LOOPBACK.test(parsed.hostname))`,
    "",
  ),

  setup(
    "endpoint",
    "a provider whose hooks cannot be seen is refused",
    `if (!endpoint) {`,
    `if (!endpoint && name === "") {`,
  ),
  setup(
    "scope",
    "a scope that is not there is refused",
    `if (scope !== undefined) await checkScope(engine, provider, scope);`,
    "",
  ),
  setup(
    "url",
    "a wrong url is told before anything is asked",
    `for (const one of scopes) checkUrl(provider, one, setup.url(one));`,
    "",
  ),
  setup(
    "wait",
    "another process that is at it is waited for",
    `if (time.now() >= end || stopping.aborted) return`,
    `return`,
  ),
  setup(
    "throws",
    "what one scope throws is in its report",
    `const problem = "it could not be looked at: see error";`,
    `throw error; const problem = "";`,
  ),
  setup(
    "hidden",
    "a report that is logged shows no secret",
    `Object.defineProperty(report, "secret", { value: secret })`,
    `{ ...report, secret }`,
  ),
  setup("later", "what comes later is looked after, too", `  engine.hooks.add(provider, scope, setup);\n`, ""),

  secret("waits", "a secret that was not kept waits", `  secrets.set(name, secret);\n`, ""),
  secret("once", "and is kept once", `  secrets.delete(name);\n`, ""),
  secret("stop", "who keeps it may hang", `    stopping.addEventListener("abort", give);\n`, ""),
  secret(
    "proven",
    "a webhook proves that somebody has it",
    `const proven = hook.unkept && (await isHeard(`,
    `const proven = hook.unkept && !(await isHeard(`,
  ),
  secret("scope", "the webhook of another scope's hook proves nothing", `heard > 0 && isOurs(scope)`, `heard > 0`),
  secret("own", "nor do those of all scopes together", `all > others`, `all > 0`),
  secret("named", "nor what is of no scope", `return isOurs("") && `, `return `),

  tend(
    "held",
    "two processes make one hook",
    `const turn = await hold(engine, hookName(provider, scope), work, due);`,
    `const turn = await hold(engine, hookName(provider, scope) + engine.holder(), work, due);`,
  ),
  tend(
    "due",
    "what was looked at lately is not due",
    `asked || hookDue(knownOf(at), 0, slowness) <= tick`,
    `asked || tick > 0`,
  ),
  tend(
    "measure",
    "it is not mended again and again",
    `if (refusal !== undefined || !(asked || mayMendAt(hook) <= held.tick)) {`,
    `if (refusal !== undefined) {`,
  ),
  tend("refused", "what may not be mended is left", `if (refusal !== undefined || !(asked`, `if (!(asked`),
  tend(
    "asked",
    "who asks is given the secret",
    `keeps: asked || setup.keep !== undefined`,
    `keeps: setup.keep !== undefined`,
  ),
  tend("alone", "nobody else is", `...(asked && { secret })`, ""),
  tend(
    "before",
    "what a crash leaves is known",
    `  hook = await save(engine, held, mending(hook, endpoint.givesSecret, held.tick));\n`,
    `  hook = { ...hook, repaired: held.tick };\n`,
  ),
  tend("url", "that a scope has no good url is said", `throw new PluginError(`, `throw new Error(`),
  tend("found", "lost access is a finding", `if (!(error instanceof AccessLost)) throw error;`, `throw error;`),
  tend("report", "what the provider throws is in the report", `return { ...made, error };`, `throw error;`),
  tend(
    "regained",
    "what was not told is asked for",
    `if (isRegained(tended)) await`,
    `if (isRegained(tended) && asked) await`,
  ),
  tend(
    "kept",
    "a secret that was kept at last is kept",
    `if (before.unkept !== known.unkept) await save(`,
    `if (before === null) await save(`,
  ),
  tend(
    "store",
    "who asked is given the secret, whatever the store does",
    `    const what = "asking for what webhooks did not tell";\n`,
    `    throw error;\n    const what = "";\n`,
  ),
  tend("news", "what is known is not told again", `if (!isNews) return;`, ""),

  regain(
    "first",
    "when it is made first nothing was missed",
    `before.checked !== null && (before.fault !== null || repaired)`,
    `(before.fault !== null || repaired)`,
  ),
  regain(
    "feeds",
    "every feed is asked now",
    `    for (const [feed] of feeds) await wantNow(engine, feedName(provider, scope, feed), feedOf);\n`,
    "",
  ),
  regain(
    "unfed",
    "what no feed tells of is swept",
    `if (types.length > 0) await openGap(`,
    `if (types.length < 0) await openGap(`,
  ),
  regain(
    "redeliver",
    "what failed is sent again",
    `if (!endpoint.redeliver || since === null) return;`,
    `if (since !== undefined) return;`,
  ),
  regain(
    "harmless",
    "that it cannot be is no harm",
    `    engine.emit({ kind: "failed", what, provider, scope, error: describe(error), ms: 0 });\n`,
    `    throw error;\n`,
  ),

  watch(
    "look",
    "a silence has the hook looked at",
    `if (name !== undefined) await wantNow(`,
    `if (name === "") await wantNow(`,
  ),
  watch("once", "it is told once", `after.filter((one) => !has(before, one))`, `after`),
  watch("ended", "its end is told", `before.filter((one) => !has(after, one))`, `[] as Silence[]`),
  watch("there", "in the scopes that there are", `: [...there];`, `: [""];`),
  watch(
    "regain",
    "and what was not told is asked for",
    `    await regain(engine, provider, [...new Set([...first, ...others])], since);\n`,
    "",
  ),

  health(
    "old",
    "what nobody has looked at is not shown",
    `if (hook.checked === null || now - hook.checked > OLD) continue;`,
    `if (hook.checked === null) continue;`,
  ),
  health("few", "a few have a sentence", `all.slice(0, NAMED)`, `all`),
  health("more", "and how many others there are", `...(more > 0 ? [`, `...(more > 99 ? [`),

  reconcile(
    "tended",
    "a scope has a lane for its hook only then",
    `kind === "hook" ? engine.hooks.tended(provider, there) : there`,
    `there`,
  ),
  reconcile("watch", "the ledger is looked at", `      await watch.look();\n`, ""),
  patrol(
    "learn",
    "what another process found is known",
    `    if (place?.kind === "hook") engine.hooks.learn(place, at);\n`,
    "",
  ),
  losses("heard", "each webhook is heard", `    if (note.via === "webhook") count(tally(tick).counts, "heard");\n`, ""),

  sends("off", "a hook that is off sends nothing", `enabled && known.has(url)`, `known.has(url)`),
  sends("away", "one with another URL sends elsewhere", ` && known.has(url)`, ""),
  sends("cut", "nor what it is not to send", ` && types.includes(type)`, ""),
];
