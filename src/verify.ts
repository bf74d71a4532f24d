/**
 * Helpers for plugins that verify signatures: secrets that may rotate, MACs over raw bytes, comparison in constant time.
 * @module
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { RetryLater } from "./errors.ts";
import type { Awaitable } from "./provider.ts";

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
 * @returns a function of the scope. It throws {@link RetryLater} if the application's own function fails or answers with
 *   an empty secret, so that the sender tries again: nothing is lost while a secret is being put right
 * @throws TypeError at once for a missing, empty or blank secret: an empty key would accept what anyone can compute
 */
export function currentSecrets(
  secrets: Secrets,
  option: string,
): (scope: string | undefined) => Promise<readonly string[]> {
  if (typeof secrets !== "function") {
    const checked = checkSecrets(secrets, option);
    return async () => checked;
  }
  return async (scope) => {
    try {
      return checkSecrets(await secrets(scope), option);
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

/**
 * Whether `signature` is the HMAC-SHA256 of the parts, one after another, under one of the secrets. All secrets are
 * tried, and compared in constant time.
 *
 * @param secrets keys, used as UTF-8 text
 * @param parts what was signed: text as UTF-8, bytes as they are
 * @param signature what the sender claims: lower-case hexadecimal, 64 digits; anything else is false
 */
export function verifyHmac(
  secrets: readonly string[],
  parts: readonly (string | Uint8Array)[],
  signature: string,
): boolean {
  if (!/^[0-9a-f]{64}$/.test(signature)) return false;
  const claimed = Buffer.from(signature, "hex");
  let holds = false;
  for (const secret of secrets) {
    const mac = createHmac("sha256", secret);
    for (const part of parts) mac.update(part);
    if (timingSafeEqual(mac.digest(), claimed)) holds = true;
  }
  return holds;
}
