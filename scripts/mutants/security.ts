import { type Mutant, mutantsKilledBy, mutantsOf } from "./mutant.ts";

const web = mutantsOf("security-", "src/web.ts", ["test/security/held.test.ts"]);
const node = mutantsOf("security-", "src/node.ts", ["test/security/held.test.ts"]);
const link = mutantsOf("security-", "providers/rest/paging.ts", ["test/providers/rest.read.test.ts"]);
const limit = mutantsOf("security-", "src/limit.ts", ["test/fuzz/fuzz.test.ts"]);
const fuzzed = mutantsKilledBy("security-", ["test/fuzz/fuzz.test.ts"]);
const forged = mutantsKilledBy("security-", ["test/security/forgeries.test.ts"]);
const edge = mutantsKilledBy("security-", ["test/security/edge.test.ts"]);
const canary = mutantsKilledBy("security-", ["test/security/canary.test.ts"]);

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
  fuzzed(
    "fuzz-json",
    "src/json.ts",
    "digits are kept",
    `return /^-?\\d+$/.test(source) ? source : value;`,
    `return value;`,
  ),
  fuzzed(
    "fuzz-query",
    "src/http/query.ts",
    "a scope is within the view",
    `scope !== view.scope) return`,
    `scope === "") return`,
  ),
  fuzzed(
    "fuzz-certificate",
    "src/verify/certificates.ts",
    "a URL is written as it is asked",
    `url?.href === text && url.protocol === "https:"`,
    `url !== null && url.protocol === "https:"`,
  ),
  fuzzed(
    "fuzz-address",
    "src/outlet/address.ts",
    "mapped addresses are IPv4",
    `if (within !== undefined) return isPublic(within);`,
    `if (within !== undefined) return true;`,
  ),
  fuzzed(
    "fuzz-link",
    "src/client.ts",
    "nothing is sent to another origin",
    `target?.origin === base.origin && `,
    `target && `,
  ),
  forged(
    "forged-hmac",
    "src/verify/hmac.ts",
    "the MAC is compared",
    `timingSafeEqual(macOf(secret, parts, algorithm), claimed)`,
    `claimed[0] === macOf(secret, parts, algorithm)[0]`,
  ),
  forged(
    "forged-paypal",
    "providers/paypal/webhook.ts",
    "base64 has one spelling",
    `if (signature.toString("base64") !== text)`,
    `if (text === "")`,
  ),
  forged(
    "forged-sns",
    "providers/sns/signature.ts",
    "the signature is verified",
    ` || !verify(hash, Buffer.from(signed), signer.publicKey, bytes)`,
    ``,
  ),
  edge("twice", "src/node.ts", "a header that came twice is none", `if (found !== null) return null;`, ``),
  edge("case", "src/node.ts", "a header may be in any case", `key.toLowerCase() !== name`, `key !== name`),
  canary(
    "canary",
    "src/errors.ts",
    "of a foreign error nothing is told",
    `if (OWN.some((kind) => error instanceof kind)) {`,
    `{`,
  ),
];
