import type { Mutant } from "./mutant.ts";

const of =
  (name: string) =>
  (id: string, removes: string, find: string, replace: string): Mutant => ({
    ...{ id: `${name}-${id}`, file: `src/${name}.ts`, removes, find, replace },
    tests: [`test/${name}.test.ts`],
  });
const verify = of("verify");
const errors = of("errors");

/** Guards of what comes from outside and of what is shown: signatures and errors. */
export const edge: readonly Mutant[] = [
  verify(
    "form",
    "a signature is 64 lower-case hexadecimal digits",
    `if (!/^[0-9a-f]{64}$/.test(signature)) return false;`,
    "",
  ),
  verify("form-case", "lower-case ones", `[0-9a-f]{64}$/.test`, `[0-9a-f]{64}$/i.test`),
  verify(
    "compare",
    "a signature must be that of the bytes",
    `if (timingSafeEqual(mac.digest(), claimed)) holds = true;`,
    `holds = true;`,
  ),
  verify(
    "each",
    "every current secret is tried",
    `if (timingSafeEqual(mac.digest(), claimed)) holds = true;`,
    `holds = timingSafeEqual(mac.digest(), claimed);`,
  ),
  verify(
    "parts",
    "all parts are signed",
    `for (const part of parts) mac.update(part);`,
    `for (const part of parts.slice(0, 1)) mac.update(part);`,
  ),
  verify("empty", "an empty secret is refused", `secret.trim() === "" || secret === "whsec_"`, `secret === "whsec_"`),
  verify(
    "prefix",
    "also one that is only its prefix",
    `secret.trim() === "" || secret === "whsec_"`,
    `secret.trim() === ""`,
  ),
  verify(
    "none",
    "no secret at all is refused",
    `Array.isArray(list) && list.length > 0 && list`,
    `Array.isArray(list) && list`,
  ),
  verify("text", "a secret is text", `list.every((secret) => typeof secret === "string");`, `true;`),
  verify(
    "rotate",
    "the function is asked for every webhook",
    `return checkSecrets(await secrets(scope), option);`,
    `return [await secrets("")].flat();`,
  ),
  verify("retry", "its failure asks the sender to try again", `throw new RetryLater(5_000, `, `throw new TypeError(`),
  errors("least", "a wait is no less than nothing", `ms >= 0 ? Math.min(ms, HOUR) : MINUTE`, `Math.min(ms, HOUR)`),
  errors("most", "and no more than an hour", `ms >= 0 ? Math.min(ms, HOUR) : MINUTE`, `ms >= 0 ? ms : MINUTE`),
  errors(
    "class",
    "ours are known by class, not by name",
    `error instanceof kind)`,
    `error.name === kind.name || error.name === "TimeoutError")`,
  ),
  errors(
    "foreign",
    "the message of a foreign error is not shown",
    `if (OWN.some((kind) => error instanceof kind)) {`,
    `{`,
  ),
  errors("line", "one line", `.replace(/[\\s\\p{Cc}]+/gu, " ")`, ""),
  errors("control", "without what a store cannot keep", `[\\s\\p{Cc}]+/gu`, `\\s+/gu`),
  errors("length", "of bounded length", `.slice(0, 500)`, ""),
  errors(
    "word",
    "a code is a word",
    `(typeof value === "string" && /^[\\w.-]{1,64}$/.test(value))`,
    `typeof value === "string"`,
  ),
  errors("name", "so is a name", `word(error.name) ?? "Error"`, `error.name`),
  errors(
    "thrown",
    "what is not an Error is not shown",
    `return "something that is not an Error was thrown";`,
    `return String(error);`,
  ),
];
