/** Where requests may lead, and what an application may pass. */
import assert from "node:assert/strict";
import { createSync } from "tidemark";
import { rest, state } from "tidemark/rest";
import { certificates } from "tidemark/verify";
import { isCertificate } from "../../../providers/paypal/webhook.ts";
import { isPublic } from "../../../src/outlet/address.ts";
import { memory } from "../../desk.ts";
import type { Target } from "../target.ts";

/** An address as one number, and its bits; by hand, from RFC 4291. */
function numberOf(address: string): { bits: 32 | 128; value: bigint } | undefined {
  const quad = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number);
  if (quad) {
    if (quad.some((part) => part > 255)) return undefined;
    return { bits: 32, value: quad.reduce((all, part) => all * 256n + BigInt(part), 0n) };
  }
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const inner = tail ? numberOf(tail[2] ?? "") : undefined;
  if (tail && inner?.bits !== 32) return undefined;
  const text = inner
    ? `${tail?.[1]}${(inner.value >> 16n).toString(16)}:${(inner.value & 0xffffn).toString(16)}`
    : address;
  const halves = text.split("::");
  const [before = [], after = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - before.length - after.length;
  const groups = [...before, ...Array(Math.max(0, halves.length === 2 ? missing : 0)).fill("0"), ...after];
  if (groups.length !== 8 || !groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return { bits: 128, value: BigInt(`0x${groups.map((group) => group.padStart(4, "0")).join("")}`) };
}

/** iana.org/assignments/iana-ipv4-special-registry and -ipv6-, 224/4, 240/4: what no stranger may have us ask. */
const CLOSED = "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24";
const CLOSED_TOO = "192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4";
const CLOSED_6 = "::/8 fc00::/7 fe80::/10 ff00::/8 2001:db8::/32 2002::/16";
const nets = `${CLOSED} ${CLOSED_TOO} ${CLOSED_6}`.split(" ").map((net) => {
  const [at = "", length = ""] = net.split("/");
  const { bits, value } = numberOf(at) ?? { bits: 32, value: 0n };
  return { bits, shift: BigInt(bits - Number(length)), value };
});

/** What is called public is an address, and in none of the nets; IPv4 that is mapped to IPv6 is IPv4. */
const address: Target = {
  run(input) {
    const text = input.toString("latin1");
    if (!isPublic(text)) return;
    const given = numberOf(text);
    assert.ok(given, `no address: ${text}`);
    // Translated addresses, 64:ff9b::/96, are those of IPv4, and outside of the nets of IPv6.
    const mapped = given.bits === 128 && [0xffffn, 0x64ff9b0000000000000000n].includes(given.value >> 32n);
    const { bits, value } = mapped ? { bits: 32, value: given.value & 0xffffffffn } : given;
    const net = nets.find((one) => one.bits === bits && value >> one.shift === one.value >> one.shift);
    assert.equal(net, undefined, `not public: ${text}`);
  },
  words: [
    "::",
    ":",
    ".",
    "127.0.0.1",
    "10.",
    "ffff:",
    "64:ff9b::",
    "::ffff:7f00:1",
    "2001:db8::",
    "fe80::1%eth0",
    "0",
    "255",
  ].concat(...["2606:4700::1111", "1.1.1.1", "0x7f", "0177", "[", "]", "%", "169.254.169.254", "2002:7f00:1::"]),
  seeds: [
    "1.1.1.1",
    "127.0.0.1",
    "2606:4700:4700::1111",
    "::ffff:8.8.8.8",
    "::ffff:127.0.0.1",
    "64:ff9b::808:808",
    "fe80::1",
  ],
};

const HOSTS = ["api.paypal.com", "api.sandbox.paypal.com", "api-m.paypal.com", "api-m.sandbox.paypal.com"];

/** Nothing is asked but the provider's own host, over TLS, by the URL as it was written. */
const certificate: Target = {
  async run(input) {
    const text = input.toString();
    const asked: Request[] = [];
    const fetch = async (request: Request) => {
      asked.push(request);
      return new Response(null, { status: 404 });
    };
    await assert.rejects(certificates({ allow: isCertificate, fetch })(text, 0), { name: "WebhookRejected" });
    for (const { url, redirect, headers } of asked) {
      const host = /^https:\/\/([a-z.-]+)\/v1\/notifications\/certs\/[\w-]+$/.exec(text)?.[1] ?? "";
      assert.ok(
        HOSTS.includes(host) && url === text && redirect === "manual" && [...headers].length === 0,
        `asked ${url}`,
      );
    }
  },
  words: [
    "https://",
    "http://",
    "@",
    ":443",
    ":8443",
    "?",
    "#",
    "/",
    "..",
    "%2e",
    "api.paypal.com",
    ".evil.example",
    "\\",
  ].concat(
    ...["\t", "\n", " ", "\u3002", "\uff0f", "/v1/notifications/certs/", "CERT-1", "//", "[::1]", "xn--", "%00", "API"],
  ),
  seeds: HOSTS.map((host) => `https://${host}/v1/notifications/certs/CERT-1`),
};

/** What a state is cannot be written in JSON. */
const withState = (one: unknown) => (typeof one === "object" && one !== null ? { ...one, state: state() } : one);

/** A configuration is taken or refused by a TypeError; one that was taken makes a provider of the types it names. */
const config: Target = {
  run(input) {
    let given: Record<string, unknown>;
    try {
      given = Object(JSON.parse(input.toString()));
    } catch {
      return;
    }
    const attempt = (make: () => unknown) => {
      try {
        return make();
      } catch (error) {
        assert.ok(error instanceof TypeError, `an error of another kind: ${error}`);
        assert.doesNotMatch(error.message, /a secret that nobody may see/);
        return undefined;
      }
    };
    const resources = Object.entries(Object(given["resources"])).map(([type, one]) => [type, withState(one)]);
    const described = { ...given, resources: Object.fromEntries(resources) };
    const provider = attempt(() => rest(described as never)) as { resources: object } | undefined;
    if (provider) {
      assert.deepEqual(Object.keys(provider.resources), Object.keys(described.resources));
      assert.ok(!("webhook" in given) || "webhook" in provider, "webhooks were described and are not taken");
    }
    attempt(() => createSync({ providers: { one: { resources: {} } }, store: memory(), ...given } as never));
  },
  words: [
    '"name":',
    '"url":',
    '"resources":',
    '"webhook":',
    '"secret":"a secret that nobody may see"',
    '"signature":',
  ].concat(
    ...['"header":', '"list":', '"get":', '"id":', '"paging":', '"by":"link"', '"concurrency":', '"reserve":', "null"],
    ...[
      "{}",
      "[]",
      "-1",
      "1e400",
      '""',
      '"x"',
      "{",
      "}",
      ",",
      ":",
      '"__proto__":',
      '"pollEvery":',
      '"retention":',
      '"types":',
    ],
  ),
  seeds: [
    JSON.stringify({
      ...{ name: "It", url: "https://api.example.com/", auth: { bearer: "a secret that nobody may see" }, probe: "me" },
      resources: { thing: { fetch: "things/{id}", list: { path: "things", paging: { by: "link" } }, id: "id" } },
      ...{ envelope: { name: "type", id: "id" }, events: { "thing.*": { thing: "data.id" } } },
      webhook: { secret: "a secret that nobody may see", signature: { header: "x-signature", template: "{body}" } },
    }).replace('"id":"id"}}', '"id":"id","version":{"time":"updated_at"}}}'),
    '{"concurrency":4,"reserve":0.1,"retention":60000,"pollEvery":{"min":1,"max":2}}',
    '{"providers":{"a.b":{"resources":null}}}',
  ],
};

export const places: Readonly<Record<string, Target>> = { address, certificate, config };
