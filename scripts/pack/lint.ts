/**
 * What linters of packages say of the tarball.
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CheckResult, checkPackage, createPackageFromTarballData, type Problem } from "@arethetypeswrong/core";
import { problemAffectsResolutionKind } from "@arethetypeswrong/core/problems";
import { run, Unfit } from "./project.ts";

/**
 * Who resolves the package so. Only ESM is published: CommonJS requires it as such, which every Node.js that is supported
 * can; and what TypeScript calls node10 knows no `exports`.
 */
const SUPPORTED = ["node16-esm", "bundler"] as const;

/** Of what is wrong with the types, what concerns who may use the package; the rest is the price of publishing ESM alone. */
export function problemsOf(analysis: CheckResult): Problem[] {
  if (!analysis.types) throw new Unfit("the tarball has no types");
  return analysis.problems.filter((problem) =>
    SUPPORTED.some((kind) => problemAffectsResolutionKind(problem, kind, analysis)),
  );
}

/**
 * Do publint and "are the types wrong" object to anything?
 * @throws Unfit with what they say
 */
export async function lint(root: string, tarball: string): Promise<void> {
  run("publint", process.execPath, [join(root, "node_modules/publint/src/cli.js"), "run", tarball, "--strict"], root);
  const problems = problemsOf(await checkPackage(createPackageFromTarballData(readFileSync(tarball))));
  if (problems.length > 0) throw new Unfit(`its types are wrong:\n${JSON.stringify(problems, null, 2)}`);
}
