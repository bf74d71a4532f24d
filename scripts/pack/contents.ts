/**
 * What belongs into the tarball.
 * @module
 */

/** Sources are published beside what is built of them, so that a debugger and an editor show them. */
const BELONGS = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^dist\/(src|providers|outlets|cli)\/.+\.(js|d\.ts)(\.map)?$/,
  /^dist\/inspector\/[\w./-]+\.(html|js|css|svg|png|ico|md)$/,
  /^(src|providers|outlets|cli)\/.+\.ts$/,
];
const NEEDED = ["package.json", "README.md", "LICENSE", "CHANGELOG.md"];
const TESTS = /\.test\.|(^|\/)(test|fixtures|node_modules)\//;

/** The files of a tarball that are of no use there, and those that are missing from it. */
export function foreign(files: readonly string[]): string[] {
  const missing = NEEDED.filter((name) => !files.includes(name)).map((name) => `no ${name}`);
  return files.filter((file) => TESTS.test(file) || !BELONGS.some((one) => one.test(file))).concat(missing);
}
