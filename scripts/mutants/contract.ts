import { type Mutant, mutantsOf } from "./mutant.ts";

const tests = ["test/testing/provider.test.ts"];
const samples = mutantsOf("contract-samples-", "src/testing/provider.ts", tests);
const check = mutantsOf("contract-check-", "src/testing/provider/check.ts", tests);
const secrets = mutantsOf("contract-secrets-", "src/testing/provider/secrets.ts", tests);
const forgeries = mutantsOf("contract-forgeries-", "src/testing/provider/forgeries.ts", tests);
const payloads = mutantsOf("contract-payloads-", "src/testing/provider/payloads.ts", tests);
const service = mutantsOf("contract-service-", "src/testing/provider/service.ts", tests);
const reads = mutantsOf("contract-reads-", "src/testing/provider/reads.ts", tests);
const lists = mutantsOf("contract-lists-", "src/testing/provider/lists.ts", tests);
const versions = mutantsOf("contract-versions-", "src/testing/provider/versions.ts", tests);
const absence = mutantsOf("contract-absence-", "src/testing/provider/absence.ts", tests);
const trouble = mutantsOf("contract-trouble-", "src/testing/provider/trouble.ts", tests);
const elsewhere = mutantsOf("contract-elsewhere-", "src/testing/provider/elsewhere.ts", tests);
const world = mutantsOf("contract-world-", "src/testing/provider/world.ts", tests);
const worlds = mutantsOf("contract-worlds-", "src/testing/provider/worlds.ts", tests);
const network = mutantsOf("contract-network-", "src/testing/provider/network.ts", ["test/testing/network.test.ts"]);

/** What the contract of a provider looks at: without it a provider that is wrong would pass. */
export const contract: readonly Mutant[] = [
  network("end", "what hangs is answered when its world ends", ", over.promise]", "]"),
  samples("none", "a contract of nothing is refused", `!webhooks && !api`, `false`),
  samples("secrets", "one secret cannot be told from another", `!secrets[1] || secrets[0] === secrets[1]`, `false`),
  samples("payloads", "there must be a webhook", `payloads.every(({ hints }) => typeof hints === "string")`, `false`),
  check(
    "later",
    "a provider that asks to come again is told from one that rejects",
    `return { kind: "later" }`,
    `return { kind: "rejected" }`,
  ),
  secrets(
    "other",
    "what another secret signed is tried",
    `await rejected("a webhook signed with another secret", sign(second));`,
    ``,
  ),
  secrets("empty", "an empty secret is tried", `["", " ", [], [""], [first, ""], null, 5]`, `[null, 5]`),
  secrets("without", "no secret at all is tried", `null, 5]`, `5]`),
  secrets(
    "old",
    "a secret that was replaced is tried",
    `await rejected("a webhook signed with the old secret", sign(first), rotating);`,
    ``,
  ),
  secrets(
    "again",
    "a webhook is sent twice",
    `assert.deepEqual(await believed(provider), hints, "the second time it must give the same hints");`,
    ``,
  ),
  secrets(
    "missing",
    "a webhook without its signature is sent",
    `await rejected(\`a webhook without \${name}\`, { ...good, headers: rest });`,
    ``,
  ),
  secrets(
    "age",
    "an old signature is tried",
    `for (const off of [SECOND, 86_400_000])`,
    `for (const off of [] as number[])`,
  ),
  forgeries(
    "valid",
    "good webhooks must be taken",
    `verdict.kind === "hints" || verdict.kind === "answered"`,
    `verdict.kind !== "rejected"`,
  ),
  forgeries(
    "refused",
    "what is forged must be rejected",
    `verdict.kind !== "rejected" && verdict.kind !== "later"`,
    `verdict.kind === "answered"`,
  ),
  forgeries(
    "thrown",
    "and nothing else may be thrown",
    `verdict.kind !== "rejected" && verdict.kind !== "later"`,
    `verdict.kind === "hints"`,
  ),
  forgeries(
    "header",
    "headers are forged",
    `random.chance(0.9) ? exchange(value, random) : junk(random)`,
    `junk(random)`,
  ),
  payloads(
    "hints",
    "a payload's hints are compared",
    `sorted(expected), \`\${name}: its hints\``,
    `sorted(given.map((hint) => likeness(hint, expected))), \`\${name}: its hints\``,
  ),
  payloads("first", "what the first leaves out is no difference", `?? expected[0] ?? hint`, `?? hint`),
  payloads(
    "ref",
    "a ref that is not expected is a difference",
    `key === "type" || key === "id" || key in model`,
    `key in model`,
  ),
  payloads("id", "an id must be one", `typeof id === "string" && !NO_ID.test(id)`, `true`),
  payloads("rounded", "a rounded id is recognised", `/9007199254740992|9\\.007/`, `/never/`),
  payloads("junk", "what is no event gives no hints", `verdict.kind !== "hints" || verdict.hints.length === 0`, `true`),
  service(
    "found",
    "an item that the emulator has must be found",
    "assert.ok(isState(state), `fetch of",
    "assert.ok(true, `fetch of",
  ),
  reads(
    "id",
    "what was fetched has its id",
    `assert.equal(resource.id(state), one.id, \`\${one.type}: id() of what was fetched\`);`,
    ``,
  ),
  reads("asked", "who asks nobody is told how to ask", `one.asked.length > 0`, `true`),
  reads("again", "it is read again", `service.clock.now += 1_000;`, ``),
  reads("another", "what is another one is recognised", `isState(answer) && resource.id(answer) !== one.id`, `false`),
  reads(
    "order",
    "what is fetched together comes in order",
    `assert.deepEqual(found, [null, ...ids.slice(1)], \`fetchMany of \${type} must answer in the order of its ids\`);`,
    ``,
  ),
  reads("alike", "two emulators do the same", `assert.deepEqual(too, there,`, `assert.deepEqual(there, there,`),
  lists(
    "all",
    "a list has all there is",
    `assert.deepEqual([...found].sort(), ids.sort(),`,
    `assert.deepEqual(ids.sort(), ids.sort(),`,
  ),
  lists(
    "same",
    "its items are what fetch gives",
    `const same = printOf(resource, item) === printOf(resource, fetched);`,
    `const same = true;`,
  ),
  versions("falls", "a version does not fall", `version >= last.version`, `true`),
  versions("strict", "a strict one rises", `rose || resource.versionKind !== "strict"`, `true`),
  versions("number", "a version is a number", `Number.isFinite(version)`, `true`),
  absence(
    "deleted",
    "what was deleted is not found",
    `assert.ok(!isState(answer), \`fetch of \${type} finds what was deleted`,
    `assert.ok(true, \`fetch of \${type} finds what was deleted`,
  ),
  absence("lost", "lost access is told as that", `probed instanceof AccessLost`, `probed !== null`),
  absence("gone", "and not as gone", `assert.notEqual(answer, gone,`, `assert.notEqual(null, gone,`),
  absence("empty", "and not as an empty list", `assert.equal(page, undefined,`, `assert.equal(undefined, undefined,`),
  trouble("limit", "a limit is told as one", `error instanceof RetryLater`, `error instanceof Error`),
  trouble("wait", "as long as was asked", `error.ms >= ms && error.ms <= ms + LONGER`, `true`),
  trouble("again", "and nothing is asked again", `after <= PARALLEL`, `true`),
  trouble("outage", "an outage throws", `same || result.status === "rejected"`, `true`),
  elsewhere("left", "another origin is recognised", `!origins.includes(new URL(url).origin)`, `!url`),
  world("posted", "webhooks must be taken", `else if (status >= 300)`, `else if (status >= 900)`),
  world("deleted", "a deletion must be one", `if (!deleted.has(keyOf(one)))`, `if (deleted.has(""))`),
  world("missed", "nothing is missed", `filter(([key]) => !mirror.has(key))`, `filter(([key]) => !key)`),
  world(
    "old",
    "nothing is told as it was",
    `mirror.has(key) && mirror.get(key) !== print`,
    `mirror.has(key) && !print`,
  ),
  worlds("changes", "there must be changes", `figures.changes > worlds`, `worlds > 0`),
];
