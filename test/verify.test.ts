/** Signatures: what holds, what does not, and which secrets are never accepted. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { RetryLater } from "tidemark";
import { currentSecrets, verifyHmac, verifyToken } from "tidemark/verify";

// RFC 4231, test case 2.
const vector = {
  key: "Jefe",
  data: "what do ya want for nothing?",
  mac: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
};
const { key, data, mac } = vector;

test("verifyHmac agrees with the published vector, however the text is cut into parts", () => {
  assert.equal(verifyHmac([key], [data], mac), true);
  assert.equal(verifyHmac([key], ["what do ya ", Buffer.from("want for nothing?")], mac), true);
  assert.equal(verifyHmac([key], [], createHmac("sha256", key).digest("hex")), true);
});

test("verifyHmac: any current secret will do, whichever its place; none of them is not enough", () => {
  for (const secrets of [[key], ["old", key], [key, "old"]]) assert.equal(verifyHmac(secrets, [data], mac), true);
  for (const secrets of [["jefe"], ["old", "new"], []]) assert.equal(verifyHmac(secrets, [data], mac), false);
});

test("verifyHmac: one changed bit, of the bytes or of the signature, is enough to fail", () => {
  assert.equal(verifyHmac([key], [`${data} `], mac), false);
  for (let place = 0; place < mac.length; place++) {
    const digit = (Number.parseInt(mac.charAt(place), 16) ^ 1).toString(16);
    assert.equal(verifyHmac([key], [data], mac.slice(0, place) + digit + mac.slice(place + 1)), false, `${place}`);
  }
});

test("verifyHmac: what is not 64 lower-case hexadecimal digits is false, and throws nothing", () => {
  const odd = ["", mac.slice(0, 62), `${mac}00`, mac.toUpperCase(), `${mac}\n`, `sha256=${mac}`, "é".repeat(64), "zz"];
  for (const signature of odd) assert.equal(verifyHmac([key], [data], signature), false, signature);
});

test("verifyHmac: other hashes and base64, each in its one spelling", () => {
  for (const algorithm of ["sha1", "sha256", "sha512"] as const) {
    for (const encoding of ["hex", "base64"] as const) {
      const signature = createHmac(algorithm, key).update(data).digest(encoding);
      assert.equal(verifyHmac([key], [data], signature, { algorithm, encoding }), true);
      for (const other of ["sha1", "sha256", "sha512"] as const) {
        const holds = verifyHmac([key], [data], signature, { algorithm: other, encoding });
        assert.equal(holds, other === algorithm, `${algorithm} as ${other}`);
      }
      const odd = ["", `${signature} `, ` ${signature}`, `${signature}=`, `${signature}${signature}`, `\n${signature}`];
      for (const one of odd) assert.equal(verifyHmac([key], [data], one, { algorithm, encoding }), false, one);
    }
  }
  const base64 = createHmac("sha256", key).update(data).digest("base64");
  const spellings = [base64.slice(0, -1), base64.replace("=", "=="), base64.replaceAll("/", "_").replaceAll("+", "-")];
  const last = base64.at(-2) ?? "";
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const unused = base64.replace(`${last}=`, `${digits[digits.indexOf(last) ^ 1]}=`);
  for (const one of [...spellings, unused, mac].filter((one) => one !== base64)) {
    assert.equal(verifyHmac([key], [data], one, { encoding: "base64" }), false, one);
  }
  assert.equal(verifyHmac([key], [data], unused.slice(0, -2), { encoding: "base64" }), false);
});

test("verifyHmac: an algorithm or an encoding that there is not is a mistake, not a signature that fails", () => {
  for (const algorithm of ["md5", "none", "", "toString", "SHA256"] as never[]) {
    assert.throws(() => verifyHmac([key], [data], mac, { algorithm }), TypeError);
  }
  assert.throws(() => verifyHmac([key], [data], mac, { encoding: "base64url" as never }), TypeError);
});

test("verifyHmac: nothing holds under an empty key, which everyone has", () => {
  const signature = createHmac("sha256", "").update(data).digest("hex");
  for (const empty of ["", new Uint8Array()]) assert.equal(verifyHmac([empty], [data], signature), false);
});

test("verifyHmac: a key may be bytes", () => {
  const bytes = Uint8Array.of(0xff, 0x00, 0xfe);
  assert.equal(verifyHmac([bytes], [data], createHmac("sha256", bytes).update(data).digest("hex")), true);
});

test("verifyHmac signs bytes as they are, not as text", () => {
  const bytes = Uint8Array.of(0xff, 0x00, 0xfe);
  const signature = createHmac("sha256", key).update(bytes).digest("hex");
  assert.equal(verifyHmac([key], [bytes], signature), true);
  assert.equal(verifyHmac([key], [new TextDecoder().decode(bytes)], signature), false);
});

test("verifyToken: one of the secrets, whichever its place, and nothing that only resembles it", () => {
  for (const secrets of [["token"], ["old", "token"], ["token", "other"]]) {
    assert.equal(verifyToken(secrets, "token"), true);
    for (const given of ["", null, "toke", "tokens", "Token", " token", "old,token", "é"]) {
      assert.equal(verifyToken(secrets, given), false, `${given}`);
    }
  }
  for (const given of ["", null]) assert.equal(verifyToken([""], given), false, "an empty secret is no token");
  assert.equal(verifyToken([], "token"), false);
});

test("currentSecrets: an empty secret is refused at once, because an empty key verifies what anyone can compute", () => {
  const bad: unknown[] = ["", " ", "\n", "whsec_", [], [""], ["good", ""], ["good", 7], undefined, null, 7, {}];
  for (const secrets of bad) {
    assert.throws(() => currentSecrets(secrets as string, "stripe({ webhookSecret })"), {
      name: "TypeError",
      message: /^stripe\(\{ webhookSecret \}\) must be a non-empty string/,
    });
  }
});

test("currentSecrets: one, several, or what a function answers now for the scope", async () => {
  assert.deepEqual(await currentSecrets("a", "s")(undefined), ["a"]);
  assert.deepEqual(await currentSecrets(["a", "b"], "s")("x"), ["a", "b"]);
  let current = "a";
  const secretsOf = currentSecrets(async (scope) => [current, `${scope}`], "s");
  assert.deepEqual(await secretsOf("acct_1"), ["a", "acct_1"]);
  current = "b";
  assert.deepEqual(
    await secretsOf(undefined),
    ["b", "undefined"],
    "asked for every webhook: rotation needs no restart",
  );
});

test("currentSecrets: a form that secrets must have is checked at once, and of what a function gives each time", async () => {
  const check = (secret: string, option: string) => {
    if (!secret.startsWith("key_")) throw new TypeError(`${option} must begin with key_`);
  };
  assert.throws(() => currentSecrets(["key_1", "other"], "s", check), { name: "TypeError", message: /^s must begin/ });
  assert.deepEqual(await currentSecrets(["key_1"], "s", check)(undefined), ["key_1"]);
  await assert.rejects(currentSecrets(() => ["key_1", "other"], "s", check)(undefined), RetryLater);
});

test("currentSecrets: when the function fails or answers with nothing, the sender is asked to try again", async () => {
  const broken = [() => Promise.reject(new Error("vault")), () => "", () => [], () => undefined as unknown as string];
  for (const secrets of broken) {
    await assert.rejects(currentSecrets(secrets, "github({ webhookSecret })")("x"), (error) => {
      assert.ok(error instanceof RetryLater);
      assert.ok(error.cause instanceof Error);
      assert.match(error.message, /^github\(\{ webhookSecret \}\)/);
      assert.doesNotMatch(error.message, /vault/);
      return true;
    });
  }
});
