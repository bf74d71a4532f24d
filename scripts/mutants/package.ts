import type { Mutant } from "./mutant.ts";

const of =
  (file: string, test: string) =>
  (id: string, removes: string, find: string, replace: string): Mutant => ({
    ...{ id: `package-${id}`, file, removes, find, replace, tests: [`test/${test}.test.ts`] },
  });
const contents = of("scripts/pack/contents.ts", "package");
const size = of("scripts/pack/size.ts", "package");
const bundle = of("scripts/pack/bundle.ts", "package");
const lint = of("scripts/pack/lint.ts", "package");
const rules = of("scripts/release/rules.ts", "release");
const changelog = of("scripts/release/changelog.ts", "release");
const release = of("scripts/release.ts", "release");
const ci = of(".github/workflows/ci.yml", "workflows");
const publish = of(".github/workflows/release.yml", "workflows");
const ground = of("package.json", "release");

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
