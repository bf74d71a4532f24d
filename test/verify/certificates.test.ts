/** Certificates from a URL that anyone may name: which are asked for, how often, and what is kept. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { RetryLater, WebhookRejected } from "tidemark";
import { type CertificatesOptions, certificates } from "tidemark/verify";

const pem = readFileSync(new URL("../fixtures/sns/test-cert.pem", import.meta.url), "utf8");
const HOST = "certs.example.com";
const url = (name: string | number) => `https://${HOST}/${name}.pem`;
const NOW = 1_800_000_000_000;

/** The cache over a host that answers as `answer` says, and what it was asked for. */
function open(answer: (request: Request) => Response | Promise<Response>, more: Partial<CertificatesOptions> = {}) {
  const asked: string[] = [];
  const fetch = async (request: Request) => {
    asked.push(request.url);
    return answer(request);
  };
  const allow = ({ hostname, pathname }: URL) => hostname === HOST && /^\/\w+\.pem$/.test(pathname);
  return { asked, get: certificates({ allow, fetch, ...more }) };
}
const good = () => new Response(pem);

test("certificates: a chain is parsed and kept for its time, and requests at once share one", async () => {
  const { asked, get } = open(() => new Response(`leaf\n${pem}\nbetween\n${pem}`), { ttl: 1_000 });
  const [first, second] = await Promise.all([get(url("a"), NOW), get(url("a"), NOW)]);
  assert.equal(first.length, 2);
  assert.equal(first[0]?.subject, "CN=sns.amazonaws.com");
  assert.equal(first, second);
  assert.equal(await get(url("a"), NOW + 999), first);
  assert.deepEqual(asked, [url("a")]);
  await get(url("a"), NOW + 1_000);
  assert.deepEqual(asked, [url("a"), url("a")]);
});

test("certificates: a place that is not the provider's is never asked", async () => {
  const { asked, get } = open(good);
  const bad = [
    ...[
      "",
      "a",
      "/a.pem",
      "http://certs.example.com/a.pem",
      "ftp://certs.example.com/a.pem",
      "data:,x",
      "file:///a.pem",
    ],
    ...[
      "https://certs.example.com:443/a.pem",
      "https://certs.example.com:8443/a.pem",
      "https://u@certs.example.com/a.pem",
    ],
    ...[
      "https://u:p@certs.example.com/a.pem",
      "https://:p@certs.example.com/a.pem",
      "https://@certs.example.com/a.pem",
    ],
    ...["https://certs.example.com/a.pem?", "https://certs.example.com/a.pem?x=1", "https://certs.example.com/a.pem#"],
    ...[
      "https://certs.example.com/a.pem#x",
      "https://certs.example.com@evil.example/a.pem",
      "//certs.example.com/a.pem",
    ],
    ...[
      "https://evil.example/a.pem",
      "https://certs.example.com.evil.example/a.pem",
      "https://certs.example.com./a.pem",
    ],
    ...[
      "https://certs.example.com/x/../a.pem",
      "https://certs.example.com/./a.pem",
      "https://certs.example.com//a.pem",
    ],
    ...["https:\\\\certs.example.com\\a.pem", "https:/certs.example.com/a.pem", "HTTPS://certs.example.com/a.pem"],
    ...["https://CERTS.example.com/a.pem", " https://certs.example.com/a.pem", "https://certs.example.com/a.pem\n"],
    ...["https://certs.exam\tple.com/a.pem", "https://certs.example.com/%61.pem", "https://certs。example.com/a.pem"],
    ...["https://169.254.169.254/a.pem", "https://[::1]/a.pem", `https://certs.example.com/${"a".repeat(2_000)}.pem`],
  ];
  for (const one of bad) await assert.rejects(get(one, NOW), WebhookRejected, one);
  assert.deepEqual(asked, []);
});

test("certificates: what cannot be had makes the sender try again; where there is nothing, it is a forgery", async () => {
  const redirect = () => new Response(null, { status: 302, headers: { location: url("b") } });
  const cases: [() => Response | Promise<Response>, typeof RetryLater | typeof WebhookRejected][] = [
    ...[404, 410].map((status) => [() => new Response("", { status }), WebhookRejected] as never),
    ...[201, 304, 400, 403, 429, 500, 503].map(
      (status) => [() => new Response(status === 304 ? null : pem, { status }), RetryLater] as never,
    ),
    [redirect, RetryLater],
    [() => Promise.reject(new TypeError("fetch failed")), RetryLater],
    [() => new Response("no PEM"), RetryLater],
    [() => new Response(""), RetryLater],
    [() => new Response(pem.replace("MII", "AAA")), RetryLater],
    [() => new Response(pem + " ".repeat(65_536)), RetryLater],
  ];
  for (const [answer, error] of cases) {
    const { asked, get } = open(answer);
    await assert.rejects(get(url("a"), NOW), error, String(answer));
    assert.deepEqual(asked, [url("a")]);
  }
  const padded = pem + " ".repeat(65_536 - pem.length);
  assert.equal((await open(() => new Response(padded)).get(url("a"), NOW)).length, 1);
});

test("certificates: an answer has its time, headers and body, whether fetch minds the signal or not", async () => {
  const never = () => new Promise<Response>(() => {});
  const endless = () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
  for (const answer of [never, endless]) {
    const { get } = open(answer, { timeout: 5 });
    const alive = setTimeout(() => {}, 10_000);
    await assert.rejects(get(url("a"), NOW), (error) => error instanceof RetryLater && error.cause instanceof Error);
    clearTimeout(alive);
  }
  let redirect = "";
  let signal: AbortSignal | undefined;
  await open((request) => {
    ({ redirect, signal } = request);
    return good();
  }).get(url("a"), NOW);
  assert.equal(redirect, "manual");
  assert.ok(signal);
});

test("certificates: a failure is remembered for 30 seconds, then it is asked again", async () => {
  let answer: () => Response = () => new Response("", { status: 500 });
  const { asked, get } = open(() => answer());
  await assert.rejects(get(url("a"), NOW), RetryLater);
  answer = good;
  await assert.rejects(get(url("a"), NOW + 29_999), RetryLater);
  assert.equal(asked.length, 1);
  assert.equal((await get(url("a"), NOW + 30_000)).length, 1);
});

test("certificates: 10,000 forged URLs cost 20 requests in 30 seconds, and what is kept is believed meanwhile", async () => {
  const { asked, get } = open(({ url: one }) => (one === url("good") ? good() : new Response("", { status: 404 })), {
    ttl: 40_000,
  });
  await get(url("good"), NOW);
  const answers = await Promise.allSettled(Array.from({ length: 10_000 }, (_, i) => get(url(i), NOW)));
  assert.ok(answers.every(({ status }) => status === "rejected"));
  assert.equal(asked.length, 21);
  for (let i = 0; i < 100; i++) await assert.rejects(get(url(`x${i}`), NOW + 1_000), RetryLater);
  assert.equal(asked.length, 21);
  assert.equal((await get(url("good"), NOW + 1_000)).length, 1);
  await assert.rejects(get(url("y"), NOW + 30_000), WebhookRejected);
  assert.equal(asked.length, 22, "failures are forgotten");
  await Promise.allSettled(Array.from({ length: 100 }, (_, i) => get(url(i), NOW + 31_000)));
  const before = asked.length;
  assert.equal((await get(url("good"), NOW + 41_000)).length, 1, "one that was there is asked again all the same");
  assert.equal(asked.length, before + 1);
});

test("certificates: 50 are kept, and the one that was used the longest ago goes first", async () => {
  const { asked, get } = open(good);
  for (let i = 0; i < 50; i++) await get(url(i), NOW);
  await get(url(0), NOW);
  await get(url(50), NOW);
  asked.length = 0;
  await get(url(0), NOW);
  assert.deepEqual(asked, []);
  await get(url(1), NOW);
  assert.deepEqual(asked, [url(1)]);
});
