import { type Mutant, mutantsOf } from "./mutant.ts";

const contents = mutantsOf("package-", "scripts/pack/contents.ts", ["test/package.test.ts"]);
const size = mutantsOf("package-", "scripts/pack/size.ts", ["test/package.test.ts"]);
const bundle = mutantsOf("package-", "scripts/pack/bundle.ts", ["test/package.test.ts"]);
const lint = mutantsOf("package-", "scripts/pack/lint.ts", ["test/package.test.ts"]);
const rules = mutantsOf("package-", "scripts/release/rules.ts", ["test/release.test.ts"]);
const changelog = mutantsOf("package-", "scripts/release/changelog.ts", ["test/release.test.ts"]);
const release = mutantsOf("package-", "scripts/release.ts", ["test/release.test.ts"]);
const ci = mutantsOf("package-", ".github/workflows/ci.yml", ["test/workflows.test.ts"]);
const publish = mutantsOf("package-", ".github/workflows/release.yml", ["test/workflows.test.ts"]);
const ground = mutantsOf("package-", "package.json", ["test/release.test.ts"]);

/** Guards of what is packed and published. */
export const packages: readonly Mutant[] = [
  contents("tests", "no test is published", `TESTS.test(file) || `, ``),
  contents("needless", "what is of no use is not published", `!BELONGS.some((one) => one.test(file))`, `false`),
  contents("missing", "what every package has is there", `.concat(missing)`, ``),
  size("others", "no entry brings another", `others.includes(part) && !own.includes(part)`, `false`),
  size("aside", "none brings the command line", `, ...ASIDE]`, `]`),
  size("grown", "an entry that grew is noticed", `Math.abs(more) >`, `-more >`),
  size("shrunk", "an entry that shrank is noticed", `Math.abs(more) >`, `more >`),
  size(
    "rounding",
    "what weighs nothing has not grown",
    `Math.max(ROUNDING, before.gzip * TOLERANCE)`,
    `before.gzip * TOLERANCE`,
  ),
  size("brings", "what an entry brings is noticed", `before.brings.join() !== now.brings.join()`, `false`),
  size("gone", "an entry that went is noticed", `...gone.map((entry)`, `...[].map((entry)`),
  bundle("used", "what is not used weighs nothing", `.filter(([, { renderedLength }]) => renderedLength > 0)`, ``),
  bundle("peers", "peers are not weighed", `id === peer || id.startsWith`, `id.startsWith`),
  lint(
    "kinds",
    "ESM alone is no fault",
    `SUPPORTED.some((kind) => problemAffectsResolutionKind`,
    `SUPPORTED.every((kind) => !problemAffectsResolutionKind`,
  ),
  rules(
    "said",
    "a change is said",
    `if (first === undefined || unreleased(changelog) !== "")`,
    `if (unreleased("") === "")`,
  ),
  rules("unreleased", "nothing is left unreleased", `unreleased(changelog) !== "",`, `false,`),
  rules("last", "the changelog has the version", `[last !== version,`, `[false,`),
  rules("locked", "the lock file has the version", `[locked !== version,`, `[false,`),
  rules("tag", "the commit has the tag", `[!tags.includes(tag),`, `[false,`),
  rules("repository", "provenance has a repository", `[!repository,`, `[false,`),
  changelog("empty", "an empty release is none", `if (unreleased(changelog) === "")`, `if (version === "")`),
  changelog("twice", "a version is released once", `({ title }) => title === version)`, `({ title }) => title === "")`),
  release(
    "base",
    "what was released is not asked for again",
    `if (version === undefined) return`,
    `if (version !== "") return`,
  ),
  ci("calls", "what CI calls exists", `npm run reference`, `npm run refrence`),
  ci(
    "pinned",
    "an action is one commit",
    `08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0\n        with`,
    `v5\n        with`,
  ),
  publish("tested", "nothing untested is published", `      - run: npm test\n`, ``),
  ground("stamp", "npm version puts the changes below the version", `node scripts/release.ts stamp && `, ``),
];
