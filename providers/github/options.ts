/**
 * What is checked of the options.
 * @module
 */
import { definitions } from "./types.ts";

/** @throws TypeError for an option that is wrong, with what to write instead */
export function checkOptions(client: unknown, types: readonly string[], backfill: unknown): void {
  const isOctokit = typeof (client as { request?: unknown } | undefined)?.request === "function";
  if (!isOctokit && typeof client !== "function") {
    throw new TypeError(
      'github({ client }) must be an Octokit, new Octokit({ auth }) of the package "@octokit/rest" 22, or a function that has one for each scope',
    );
  }
  const all = Object.keys(definitions).join(", ");
  if (!Array.isArray(types) || types.length === 0) {
    throw new TypeError(`github({ types }) must list some of ${all}; leave it out for all of them`);
  }
  for (const type of types) {
    if (!Object.hasOwn(definitions, type)) {
      throw new TypeError(`github({ types }): there is no "${type}"; there are: ${all}`);
    }
    const { within } = definitions[type as keyof typeof definitions];
    if (within !== undefined && !types.includes(within)) {
      throw new TypeError(`github({ types }): "${type}" is listed within "${within}": name that, too`);
    }
  }
  if (backfill !== "all" && backfill !== "none" && !(backfill instanceof Date && !Number.isNaN(backfill.getTime()))) {
    throw new TypeError('github({ backfill }) must be "all", "none" or a Date');
  }
}
