import type { Mutant } from "./mutant.ts";

const of =
  (file: string, test: string) =>
  (id: string, removes: string, find: string, replace: string): Mutant => ({
    ...{ id: `verify-${file}-${id}`, file: `src/verify/${file}.ts`, removes, find, replace },
    tests: [`test/${test}.test.ts`],
  });
const hmac = of("hmac", "verify");
const secrets = of("secrets", "verify");
const standard = of("standard", "verify/standard");
const certificates = of("certificates", "verify/certificates");
const chain = of("chain", "verify/certificates");

/** Guards of `tidemark/verify`: MACs, secrets, Standard Webhooks, certificates. */
export const verify: readonly Mutant[] = [
  hmac("length", "a signature has the hash's length", `bytes.length === length && `, ""),
  hmac("spelling", "and one spelling", ` && bytes.toString(encoding) === text`, ""),
  hmac(
    "compare",
    "a signature must be that of the bytes",
    `timingSafeEqual(macOf(secret, parts, algorithm), claimed)`,
    `true`,
  ),
  hmac(
    "each",
    "every current secret is tried",
    `if (secret.length > 0 && timingSafeEqual(macOf(secret, parts, algorithm), claimed)) holds = true;`,
    `holds = timingSafeEqual(macOf(secret, parts, algorithm), claimed);`,
  ),
  hmac("parts", "all parts are signed", `for (const part of parts)`, `for (const part of parts.slice(0, 1))`),
  hmac("empty", "nothing holds under an empty key", `secret.length > 0 && `, ""),
  hmac(
    "algorithm",
    "an algorithm is one of three",
    `Object.hasOwn(LENGTHS, algorithm) && LENGTHS[algorithm]`,
    `LENGTHS[algorithm] ?? 32`,
  ),
  hmac("encoding", "an encoding one of two", ` || (encoding !== "hex" && encoding !== "base64")`, ""),
  hmac(
    "token",
    "a token must be one of the secrets",
    `if (timingSafeEqual(hash(secret), claimed)) holds = true;`,
    `holds = true;`,
  ),
  hmac(
    "token-each",
    "every current secret is tried",
    `if (timingSafeEqual(hash(secret), claimed)) holds = true;`,
    `holds = timingSafeEqual(hash(secret), claimed);`,
  ),
  hmac("token-empty", "no token is no secret", `Boolean(given) && `, ""),
  secrets("empty", "an empty secret is refused", `secret.trim() === "" || secret === "whsec_"`, `secret === "whsec_"`),
  secrets(
    "prefix",
    "also one that is only its prefix",
    `secret.trim() === "" || secret === "whsec_"`,
    `secret.trim() === ""`,
  ),
  secrets(
    "none",
    "no secret at all is refused",
    `Array.isArray(list) && list.length > 0 && list`,
    `Array.isArray(list) && list`,
  ),
  secrets("text", "a secret is text", `list.every((secret) => typeof secret === "string");`, `true;`),
  secrets("form", "its form is checked", `for (const secret of list) check(secret, option);`, ""),
  secrets(
    "rotate",
    "the function is asked for every webhook",
    `return checked(await secrets(scope));`,
    `return [await secrets("")].flat();`,
  ),
  secrets("retry", "its failure asks the sender to try again", `throw new RetryLater(5_000, `, `throw new TypeError(`),
  standard("time", "a signature is of this time", `!(Math.abs(now - at) <= tolerance)`, `false`),
  standard("future", "not of the future either", `Math.abs(now - at)`, `now - at`),
  standard(
    "holds",
    "a signature must hold",
    `!keys.map((key) => holds(key, signed, signatures)).includes(true)`,
    `false`,
  ),
  standard(
    "version",
    "a secret verifies its own version alone",
    `.filter(({ version }) => version === key.version)`,
    "",
  ),
  standard("stop", "an id has no full stop", `/^[!-\\-/-~]{1,256}$/`, `/^[!-~]{1,256}$/`),
  standard("id", "an id is visible characters", `/^[!-\\-/-~]{1,256}$/`, `/^[^.]+$/`),
  standard("seconds", "a time is digits", `!/^\\d{1,12}$/.test(timestamp)`, `timestamp === ""`),
  standard("long", "a header asks for no more than so much work", ` || signature.length > LONGEST`, ""),
  standard(
    "mixed",
    "headers are of one family",
    `headers.get(\`\${prefix}-\${name}\`) ?? ""`,
    `headers.get(\`webhook-\${name}\`) ?? headers.get(\`svix-\${name}\`) ?? ""`,
  ),
  standard("mac", "a MAC is compared whole", `timingSafeEqual(mac, bytes)`, `mac[0] === bytes[0]`),
  standard("short", "a secret is long enough", ` && bytes.length >= SHORTEST`, ""),
  standard("key", "a public key has its length", ` && bytes.length === 32`, ""),
  standard(
    "late",
    "a secret that is none asks the sender to try again",
    `throw new RetryLater(5_000, (cause as Error).message, { cause });`,
    `throw cause;`,
  ),
  certificates("https", "https alone", ` && url.protocol === "https:"`, ""),
  certificates("spelling", "a URL is written as it is asked for", `url?.href === text && `, `url != null && `),
  certificates("port", "on the usual port", ` && url.port === ""`, ""),
  certificates("user", "with no user", ` && url.username === ""`, ""),
  certificates("password", "and no password", ` || url.password !== ""`, ""),
  certificates("query", "no query and no fragment", ` || /[?#]/.test(text)`, ""),
  certificates("allow", "of the provider's", ` || !allow(url)`, ""),
  certificates("long", "of bounded length", `text.length <= LONGEST_URL ? URL.parse(text) : null`, `URL.parse(text)`),
  chain("redirect", "a redirect is not followed", `redirect: "manual", `, ""),
  chain(
    "status",
    "only 200 is a certificate",
    `if (response.status === 200) return`,
    `if (response.status < 300) return`,
  ),
  chain(
    "missing",
    "where there is nothing, it is a forgery",
    `response.status === 404 || response.status === 410`,
    `false`,
  ),
  chain("size", "a chain is of bounded size", `if (size > LARGEST)`, `if (false)`),
  chain("pem", "what has no certificate in it is none", `if (blocks.length === 0)`, `if (false)`),
  chain(
    "headers-late",
    "an answer has its time",
    `await Promise.race([fetch(new Request(url, { redirect: "manual", signal })), late])`,
    `await fetch(new Request(url, { redirect: "manual", signal }))`,
  ),
  chain("body-late", "so has its body", `await Promise.race([read(response), late])`, `await read(response)`),
  certificates("keep", "what was fetched is kept", `keep(kept, url, { chain, until: now + ttl });`, ""),
  certificates("ttl", "for its time", `known && now < known.until`, `known`),
  certificates("least", "the one used longest ago goes", `      keep(kept, url, known);\n`, ""),
  certificates("bound", "not too many are kept", `if (kept.size > KEPT) kept.delete(oldest);`, ""),
  certificates("join", "requests at once share one", `if (joined) return joined;`, ""),
  certificates("remember", "a failure is remembered", `if (failure) throw failure.error;`, ""),
  certificates("forget", "and forgotten", `if (now >= until) failed.delete(one);`, `if (now < 0) failed.delete(one);`),
  certificates(
    "flood",
    "many forgeries cost few requests",
    `!known && failed.size + pending.size >= FAILURES`,
    `false`,
  ),
  certificates("pending", "also those under way", `failed.size + pending.size >=`, `failed.size >=`),
  certificates("known", "one that was there is asked all the same", `!known && failed`, `failed`),
];
