/**
 * Secrets that may rotate, and that are never empty.
 * @module
 */
import { RetryLater } from "../errors.ts";
import type { Awaitable } from "../provider.ts";

/**
 * One secret, several while one is being replaced, or a function that knows the current ones. The function is given the
 * scope the application named, if any, and is asked for every webhook, so that a rotated secret ends without a restart.
 */
export type Secrets =
  | string
  | readonly string[]
  | ((scope: string | undefined) => Awaitable<string | readonly string[]>);

/**
 * Checks secrets once and returns what gives the current ones for a scope.
 *
 * @param secrets what the application passed
 * @param option the option's name for messages: `"stripe({ webhookSecret })"`
 * @param check throws a TypeError for a secret that is not of the form it must have. Default: any text will do
 * @returns a function of the scope. It throws {@link RetryLater} if the application's own function fails or answers with
 *   an empty secret, so that the sender tries again: nothing is lost while a secret is being put right
 * @throws TypeError at once for a missing, empty or blank secret: an empty key would accept what anyone can compute
 */
export function currentSecrets(
  secrets: Secrets,
  option: string,
  check: (secret: string, option: string) => unknown = () => {},
): (scope: string | undefined) => Promise<readonly string[]> {
  const checked = (given: string | readonly string[]): readonly string[] => {
    const list = checkSecrets(given, option);
    for (const secret of list) check(secret, option);
    return list;
  };
  if (typeof secrets !== "function") {
    const list = checked(secrets);
    return async () => list;
  }
  return async (scope) => {
    try {
      return checked(await secrets(scope));
    } catch (cause) {
      throw new RetryLater(5_000, `${option}: the function that gives the secrets failed`, { cause });
    }
  };
}

function checkSecrets(secrets: string | readonly string[], option: string): readonly string[] {
  const list = typeof secrets === "string" ? [secrets] : secrets;
  const good = Array.isArray(list) && list.length > 0 && list.every((secret) => typeof secret === "string");
  if (!good || list.some((secret) => secret.trim() === "" || secret === "whsec_")) {
    throw new TypeError(`${option} must be a non-empty string, or a list of them: an empty secret verifies anything`);
  }
  return list;
}
