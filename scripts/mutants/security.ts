import type { Mutant } from "./mutant.ts";

const of =
  (file: string, test: string) =>
  (id: string, removes: string, find: string, replace: string): Mutant => ({
    ...{ id: `security-${id}`, file, removes, find, replace, tests: [`test/${test}.test.ts`] },
  });
const web = of("src/web.ts", "security/held");
const node = of("src/node.ts", "security/held");
const link = of("providers/rest/paging.ts", "providers/rest.read");
const limit = of("src/limit.ts", "fuzz/fuzz");
const fuzzed = (file: string) => of(file, "fuzz/fuzz");
const forged = (file: string) => of(file, "security/forgeries");
const edge = (file: string) => of(file, "security/edge");
const canary = (file: string) => of(file, "security/canary");

/** Guards of what strangers may cost, and what the campaigns of docs/security.md would find. */
export const security: readonly Mutant[] = [
  web("held", "bodies under way are bounded together", `held > MOST_HELD && size > SMALL`, `held < 0`),
  web("small", "small ones are taken all the same", ` && size > SMALL`, ``),
  web("release", "what is over is let go", `if (!over) held -= size;`, ``),
  web("over", "a body that nobody waits for is at an end", `if (over) throw cutOff();`, ``),
  web("later", "who is refused so is to come again", ` || cause instanceof RetryLater`, ``),
  node("release-node", "what is over is let go, in node:http", `      body.release();\n`, ``),
  link("link-long", "a Link header that is too long is no end", `if (header.length > LONGEST)`, `if (header === "x")`),
  limit("limit-long", "a long RateLimit header is not read", ` || text.length > LONGEST_TEXT`, ``),
  fuzzed("src/json.ts")(
    "fuzz-json",
    "digits are kept",
    `return /^-?\\d+$/.test(source) ? source : value;`,
    `return value;`,
  ),
  fuzzed("src/http/query.ts")(
    "fuzz-query",
    "a scope is within the view",
    `scope !== view.scope) return`,
    `scope === "") return`,
  ),
  fuzzed("src/verify/certificates.ts")(
    "fuzz-certificate",
    "a URL is written as it is asked",
    `url?.href === text && url.protocol === "https:"`,
    `url !== null && url.protocol === "https:"`,
  ),
  fuzzed("src/outlet/address.ts")(
    "fuzz-address",
    "mapped addresses are IPv4",
    `if (within !== undefined) return isPublic(within);`,
    `if (within !== undefined) return true;`,
  ),
  fuzzed("src/client.ts")(
    "fuzz-link",
    "nothing is sent to another origin",
    `target?.origin === base.origin && `,
    `target && `,
  ),
  forged("src/verify/hmac.ts")(
    "forged-hmac",
    "the MAC is compared",
    `timingSafeEqual(macOf(secret, parts, algorithm), claimed)`,
    `claimed[0] === macOf(secret, parts, algorithm)[0]`,
  ),
  forged("providers/paypal/webhook.ts")(
    "forged-paypal",
    "base64 has one spelling",
    `if (signature.toString("base64") !== text)`,
    `if (text === "")`,
  ),
  forged("providers/sns/signature.ts")(
    "forged-sns",
    "the signature is verified",
    ` || !verify(hash, Buffer.from(signed), signer.publicKey, bytes)`,
    ``,
  ),
  edge("src/node.ts")("twice", "a header that came twice is none", `if (found !== null) return null;`, ``),
  edge("src/node.ts")("case", "a header may be in any case", `key.toLowerCase() !== name`, `key !== name`),
  canary("src/errors.ts")(
    "canary",
    "of a foreign error nothing is told",
    `if (OWN.some((kind) => error instanceof kind)) {`,
    `{`,
  ),
];
