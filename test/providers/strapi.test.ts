/** The Strapi provider: the contract of every provider. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hint } from "tidemark";
import { type Payload, testProvider } from "tidemark/testing";
import { WORLDS } from "./context.ts";
import { createStrapi, signed, URL_OF_API } from "./strapi.emulator.ts";
import { plugin, recorded } from "./strapi.kit.ts";

/** What each recorded webhook says: of an entry the version whose row changed, of one without an entry the type. */
const EXPECTED: Readonly<Record<string, readonly string[] | "ignored">> = {
  "001-entry.create": ["article xzzxp1huk17vw13ghv8b1oa7/draft"],
  "002-entry.publish": ["article xzzxp1huk17vw13ghv8b1oa7/published"],
  "003-entry.create": ["article rqa29g4z7tp94g15ht1f89ee/draft"],
  "004-entry.update": ["article xzzxp1huk17vw13ghv8b1oa7/draft"],
  "005-entry.publish": ["article xzzxp1huk17vw13ghv8b1oa7/published"],
  "006-entry.update": ["article xzzxp1huk17vw13ghv8b1oa7/draft"],
  "007-entry.update": ["article rqa29g4z7tp94g15ht1f89ee/draft"],
  "008-entry.publish": ["article rqa29g4z7tp94g15ht1f89ee/published"],
  "009-entry.create": ["note lxsre9habys1z45f413hkp8t"],
  "010-entry.update": ["note lxsre9habys1z45f413hkp8t"],
  "011-entry.update": ["note lxsre9habys1z45f413hkp8t"],
  "012-entry.delete": ["note lxsre9habys1z45f413hkp8t"],
  "013-entry.create": ["homepage rikzordpfgfxgkfx7wek6113/draft"],
  "014-entry.publish": ["homepage rikzordpfgfxgkfx7wek6113/published"],
  "015-entry.delete": ["article xzzxp1huk17vw13ghv8b1oa7/draft"],
  "016-entry.delete": ["article xzzxp1huk17vw13ghv8b1oa7/published"],
  "017-trigger-test": "ignored",
  "018-entry.update": ["article rqa29g4z7tp94g15ht1f89ee/draft"],
  "019-entry.update": ["article rqa29g4z7tp94g15ht1f89ee/draft"],
  "020-entry.publish": ["article rqa29g4z7tp94g15ht1f89ee/published"],
  "021-entry.update": ["article rqa29g4z7tp94g15ht1f89ee/draft"],
  "022-entry.publish": ["article rqa29g4z7tp94g15ht1f89ee/published"],
  "023-entry.update": ["article rqa29g4z7tp94g15ht1f89ee/draft"],
  "024-entry.draft-discard": ["article rqa29g4z7tp94g15ht1f89ee/draft"],
  "025-entry.unpublish": ["article rqa29g4z7tp94g15ht1f89ee/published"],
  "026-media.create": ["file 1"],
  "027-media.update": ["file 1"],
  "028-media.delete": ["file 1"],
  "900-entry.publish-NULL-entry": ["article"],
};

function hintOf(text: string): Hint {
  const [type = "", id] = text.split(" ");
  return id === undefined ? { type } : { type, id };
}
const payloads: Payload[] = [...recorded].map(([name, body]) => {
  const expected = EXPECTED[name];
  assert.ok(expected, `${name}: say what it gives`);
  const hints = expected === "ignored" ? expected : expected.map(hintOf);
  return { name, body: JSON.stringify(body), hints };
});
const secrets = ["the first secret of Strapi", "the second secret of Strapi"] as const;
const api = { origins: [new URL(URL_OF_API).origin], emulator: createStrapi };

testProvider(
  test,
  "strapi",
  {
    provider: ({ secrets: webhookSecret, fetch }) => plugin({ webhookSecret, fetch }),
    webhooks: {
      ...{ secrets, payloads, headers: ["authorization"], covers: "nothing" },
      sign: ({ body, headers }, secret) => ({ body, headers: { ...headers, ...signed(body, secret, "token") } }),
    },
    api,
  },
  { worlds: WORLDS },
);

testProvider(test, "strapi, signed", {
  provider: ({ secrets: signingSecret, fetch }) => plugin({ webhookSecret: undefined, signingSecret, fetch }),
  webhooks: {
    ...{ secrets, payloads, headers: ["x-strapi-signature-256"], covers: "bytes" },
    sign: ({ body, headers }, secret) => ({ body, headers: { ...headers, ...signed(body, secret, "hmac") } }),
  },
});
