/** Each check of a provider's contract fails for a provider, or samples of it, that are wrong in its way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessLost, gone, type Provider, type Resource, RetryLater, type WebhookRequest } from "tidemark";
import {
  type Api,
  type Emulator,
  type ProviderOptions,
  type Samples,
  testProvider,
  type Webhooks,
} from "tidemark/testing";
import { emulator, type Note, notes, ORIGIN, samples, sign } from "./notes.ts";

const effort = { forgeries: 3_000, worlds: 30 };

/** The contract's checks of samples, by their promises. */
function checksOf(given: Samples, more: object = {}): Map<string, () => Promise<void>> {
  const checks = new Map<string, () => Promise<void>>();
  testProvider((name, body) => checks.set(name.slice("x: ".length), body), "x", given, { ...effort, ...more });
  return checks;
}

const good = checksOf(samples);
const shown = new Set<string>();

/** Tests that the check whose promise begins so fails for what is wrong, and says why. */
function fails(promise: string, wrong: Samples, message: RegExp, what = ""): void {
  const title = [...good.keys()].find((one) => one.startsWith(promise)) ?? promise;
  shown.add(title);
  test(`not kept: ${promise}${what}`, async () => {
    const [, check] = [...checksOf(wrong)].find(([one]) => one.startsWith(promise)) ?? [];
    await assert.rejects(check ?? assert.fail(`there is no check "${promise}"`), message);
  });
}

/** The provider with another webhook, made from the right one. */
const receiving = (
  wrong: (
    request: WebhookRequest,
    right: NonNullable<Provider["webhook"]>,
  ) => ReturnType<NonNullable<Provider["webhook"]>>,
): Samples => ({
  ...samples,
  provider(options) {
    const provider: Provider = notes(options);
    const right = provider.webhook ?? assert.fail();
    return { ...provider, webhook: (request) => wrong(request, right) };
  },
});
/** The provider with another resource, made from the right one. */
const reading = (
  wrong: (right: Resource<Note> & Required<Pick<Resource<Note>, "list" | "fetchMany">>) => Partial<Resource<Note>>,
  more: Partial<Provider> = {},
): Samples => ({
  ...samples,
  provider(options) {
    const provider = notes(options);
    const { note } = provider.resources;
    const { list, fetchMany } = note;
    if (!list || !fetchMany) throw new TypeError("it has both");
    const resource = { ...note, ...wrong({ ...note, list, fetchMany }) };
    return { ...provider, ...more, resources: { note: resource } };
  },
});
/** The provider over another way to its API. */
const asking = (wrong: (request: Request, fetch: typeof globalThis.fetch) => Promise<Response>): Samples => ({
  ...samples,
  provider: ({ secrets, fetch }: ProviderOptions) =>
    notes({ secrets, fetch: (input, init) => wrong(new Request(input, init), fetch) }),
});
const webhooks = samples.webhooks ?? assert.fail();
const api = samples.api ?? assert.fail();
const withWebhooks = (more: Partial<Webhooks>): Samples => ({ ...samples, webhooks: { ...webhooks, ...more } });
const withApi = (more: Partial<Api>): Samples => ({ ...samples, api: { ...api, ...more } });
/** Samples with another emulator, made from the right one. */
const emulating = (wrong: (right: Emulator) => Partial<Emulator>): Samples =>
  withApi({
    emulator(options) {
      const right = emulator(options);
      return { ...right, ...wrong(right) };
    },
  });
const hint = { type: "note", id: "7007" };
/** What the right one answers, or nothing where it throws. */
const lenient = async (request: WebhookRequest, right: NonNullable<Provider["webhook"]>) => {
  try {
    return await right(request);
  } catch {
    return [hint];
  }
};
const bodyOf = ({ body }: WebhookRequest) => JSON.parse(Buffer.from(body).toString());

test("a provider that is right keeps all of it", async () => {
  for (const check of checksOf(samples, { forgeries: 300, worlds: 5 }).values()) await check();
});

// -- Who is believed --------------------------------------------------------------------------------------------------

fails("a webhook signed with another secret", receiving(lenient), /signed with another secret must throw/);
fails(
  "a webhook signed with another secret",
  receiving(async () => []),
  /signed with another secret/,
  ", silently",
);
fails(
  "a provider without a secret",
  {
    ...samples,
    provider: ({ secrets, fetch }) => notes({ secrets: typeof secrets === "string" ? secrets || "x" : secrets, fetch }),
  },
  /secrets: "" must be refused/,
);
fails(
  "a provider without a secret",
  { ...samples, provider: ({ secrets, fetch }) => notes({ secrets: secrets ?? "x", fetch }) },
  /secrets: null must be refused/,
  " at all",
);
fails("an empty secret that a function gives", receiving(lenient), /must throw RetryLater/);
fails(
  "while a secret is replaced",
  {
    ...samples,
    provider: ({ secrets, fetch }) => notes({ secrets: Array.isArray(secrets) ? [secrets[0]] : secrets, fetch }),
  },
  /a good webhook must give hints/,
);
const remembered = new Map<unknown, string[]>();
fails(
  "while a secret is replaced",
  {
    ...samples,
    provider({ secrets, fetch }) {
      if (typeof secrets !== "function") return notes({ secrets, fetch });
      const all: string[] = [];
      remembered.set(secrets, all);
      const kept = async () => {
        all.push(...[await secrets(undefined)].flat());
        return all;
      };
      return notes({ secrets: kept, fetch });
    },
  },
  /signed with the old secret must throw/,
  ", and ends",
);
let received = 0;
fails(
  "a webhook that comes twice",
  receiving(async (request, right) => {
    const hints = await right(request);
    return Array.isArray(hints) ? hints.map((one) => ({ ...one, event: { id: `${++received}`, name: "x" } })) : hints;
  }),
  /the second time it must give the same hints/,
);
fails(
  "a webhook whose signature is missing",
  receiving(async (request, right) => {
    return request.headers.get("x-signature") ? right(request) : [];
  }),
  /a webhook without x-signature must throw/,
);
fails(
  "a signature holds for",
  receiving((request, right) => right({ ...request, now: Number(request.headers.get("x-time")) })),
  /s old must throw/,
);
fails("a signature holds for", withWebhooks({ tolerance: 400_000 }), /a good webhook must give hints/, " so long");

// -- Many webhooks ----------------------------------------------------------------------------------------------------

let valid = 0;
fails(
  "of 1,000 good webhooks",
  receiving(async (request, right) => {
    if (++valid % 500 === 0) throw new Error("at times");
    return right(request);
  }),
  /good webhook 499 .* was refused: threw Error/,
);
const compared = (length: number) =>
  receiving(async (request, right) => {
    const signature = request.headers.get("x-signature") ?? "";
    const made = sign({ body: Buffer.from(request.body) }, webhooks.secrets[0], Number(request.headers.get("x-time")));
    const own = made.headers["x-signature"] ?? "";
    return signature.startsWith(own.slice(0, length)) ? [hint] : right(request);
  });
fails("of 3,000 forged signatures", compared(40), /x-signature, forgery \d+ must throw/);
fails(
  "of 3,000 forged signatures",
  receiving(async (request, right) => {
    if ((request.headers.get("x-signature") ?? "").length !== 64) throw new RangeError("length");
    return right(request);
  }),
  /forgery \d+ must throw WebhookRejected: threw RangeError/,
  ", whatever their length",
);
fails(
  "of 3,000 forged headers",
  receiving(async (request, right) => {
    const headers = { get: (name: string) => (name === "x-time" ? "1800000000000" : request.headers.get(name)) };
    return right({ ...request, headers });
  }),
  /x-time, forgery \d+ must throw/,
);
fails(
  "of 3,000 forged headers",
  receiving((request, right) => {
    const headers = { get: (name: string) => request.headers.get(name)?.toLowerCase() ?? null };
    return right({ ...request, headers });
  }),
  /x-signature, forgery \d+ must throw/,
  ", in any spelling",
);
fails(
  "of 3,000 forged bodies",
  receiving((request, right) => {
    const text = Buffer.from(request.body).toString().trim();
    return right({ ...request, body: Buffer.from(text) });
  }),
  /a body, forgery \d+ must throw/,
);
fails(
  "a body that was parsed",
  receiving(async (request, right) => {
    const text = JSON.stringify(bodyOf(request));
    return right({ ...request, body: Buffer.from(text) });
  }),
  /a body written again must throw/,
);

// -- What is read in a webhook ----------------------------------------------------------------------------------------

fails(
  "3 recorded payloads",
  withWebhooks({ payloads: webhooks.payloads.map((one) => ({ ...one, hints: [hint] })) }),
  /note.sorted: its hints/,
);
fails(
  "3 recorded payloads",
  withWebhooks({
    payloads: webhooks.payloads.map((one) => ({ ...one, hints: one.hints === "ignored" ? "answered" : one.hints })),
  }),
  /must be answered with a Response/,
  ", or are answered",
);
fails(
  "3 recorded payloads",
  receiving(async (request, right) => {
    await right(request);
    const { note } = bodyOf(request);
    return note ? [{ type: "note", id: String(note) }] : [];
  }),
  /note.sorted: its hints/,
  ", one without an id too",
);
fails(
  "3 recorded payloads",
  receiving(async (request, right) => {
    const hints = await right(request);
    return Array.isArray(hints) ? hints.map((one) => ({ ...one, type: "memo" })) : hints;
  }),
  /note.changed: its hints/,
  " of its types",
);
fails(
  "3 recorded payloads",
  receiving(async (request, right) => {
    const hints = await right(request);
    return Array.isArray(hints) ? hints.map((one) => ({ id: "7", ...one })) : hints;
  }),
  /note.sorted: its hints/,
  ", an id where there is none",
);
test("what recorded hints leave out is no difference, where another is one", async () => {
  const wrong = receiving(async (request, right) => {
    const hints = await right(request);
    return Array.isArray(hints) ? hints.map((one) => ({ ...one, id: "7", event: { id: "e", name: "e" } })) : hints;
  });
  const [, check] = [...checksOf(wrong)].find(([promise]) => promise.startsWith("3 recorded payloads")) ?? [];
  await assert.rejects(check ?? assert.fail(), { actual: [{ type: "note", id: "7" }] });
});
fails(
  "what a payload lacks",
  receiving(async (request, right) => {
    await lenient(request, right);
    const { note, name } = bodyOf(request);
    return String(name).startsWith("note.") ? [{ type: "note", id: String(note) }] : [];
  }),
  /an id that is none/,
);
fails(
  "what is signed and no event",
  receiving(async (request, right) => {
    await lenient(request, right);
    return [{ type: "note" }];
  }),
  /the signed body .* gave 1 hints/,
);
fails(
  "an id beyond 2^53",
  receiving(async (request, right) => {
    await right(request);
    const { note } = bodyOf(request);
    return [{ type: "note", id: String(note) }];
  }),
  /an id was rounded/,
);

fails(
  "an id beyond 2^53",
  receiving(async (request, right) => {
    const hints = await right(request);
    return Array.isArray(hints) ? hints.filter(({ id = "" }) => id.length < 16) : hints;
  }),
  /was left out without a word/,
  ", not left out",
);

// -- Reads ------------------------------------------------------------------------------------------------------------

fails(
  "each type declares",
  reading(({ version, versionKind, ...right }) => ({ ...right, version: undefined as never })),
  /declare a version, or a finite readLag/,
);
fails(
  "each type declares",
  {
    ...samples,
    provider: (options) => {
      const {
        note: { version, ...note },
      } = notes(options).resources;
      return { ...notes(options), resources: { note: { ...note, readLag: { fetch: 0, list: 0 } } } };
    },
  },
  /versionKind and grain are of a version/,
  ", nothing of one that it has not",
);
fails(
  "two emulators that are told the same",
  {
    ...samples,
    provider: ({ secrets }) => notes({ secrets, fetch: async () => Promise.reject(new Error("offline")) }),
  },
  /the provider asked nothing: have it ask by the `fetch` that it is given/,
  " and are asked",
);
let writes = 0;
fails(
  "two emulators that are told the same",
  emulating(({ write }) => ({
    write: (random) => (++writes % 7 === 0 ? write(() => 0) : write(random)),
  })),
  /the emulator must depend on nothing but/,
);
fails(
  "what is fetched has the id",
  reading(() => ({ fetch: async () => null })),
  /finds nothing, and the emulator has it/,
  ", and is found",
);
fails(
  "what is fetched has the id",
  reading(() => ({ id: ({ id }) => `n${id}` })),
  /id\(\) of what was fetched/,
);
fails(
  "what is fetched has the id",
  reading(() => ({ volatile: [] })),
  /differs when it is read again/,
  ", each time",
);
fails(
  "what is fetched has the id",
  emulating(({ truth }) => ({
    truth: () => [...truth()].map((one) => ({ ...one, state: { id: one.id } })),
  })),
  /its state/,
  ", and the state that there is",
);
/** It believes whatever comes. */
const credulous = reading(({ fetch }) => ({
  fetch: async (id, context) => {
    const asked = await fetch(id, context).catch((error: unknown) => error);
    return asked instanceof Error && /another note/.test(asked.message)
      ? { id: "0", text: "", revision: 1, read_at: 0 }
      : fetch(id, context);
  },
}));
fails("an answer that is another resource's", credulous, /gives what came, though it is another one/);
fails(
  "an id that there never was",
  reading(({ fetch }) => ({
    fetch: (id, context) => fetch(id.replace(/[^0-9]/g, "") || "0", context),
  })),
  /gives "\d+": encode ids in paths/,
);
fails(
  "lost access is told",
  reading(({ list }) => ({
    list: (page, context) => list(page, context).catch(() => ({ items: [], next: null })),
  })),
  /must throw AccessLost: it resolves/,
);
fails(
  "lost access is told",
  reading(({ list }) => ({
    list: (page, context) =>
      list(page, context).catch((cause) => {
        throw new Error("failed", { cause });
      }),
  })),
  /must throw AccessLost: it throws Error: failed/,
  " as what it is",
);
fails(
  "lost access is told",
  reading(({ fetch }) => ({
    fetch: (id, context) => fetch(id, context).catch((error) => (error instanceof AccessLost ? gone : null)),
  })),
  /fetch says gone/,
  ", not as gone",
);
fails(
  "lost access is told",
  reading(({ list }) => ({ list: (page, context) => list(page, context).catch(() => ({ items: [], next: null })) }), {
    probe: async () => {
      throw new AccessLost("always");
    },
  }),
  /its list answers/,
  ", not as an empty list",
);
fails(
  "a list has all there is",
  reading(({ list }) => ({ list: async (page, context) => ({ ...(await list(page, context)), next: null }) })),
  /the list of note/,
);
fails(
  "a list has all there is",
  reading(({ list }) => ({
    async list(page, context) {
      const { items = [], next } = await list(page, context);
      return { items: items.map((item) => ({ ...item, text: "" })), next };
    },
  })),
  /items must be what fetch gives/,
  ", whole",
);
fails(
  "a list has all there is",
  reading(({ list }) => ({
    async list(page, context) {
      const { items = [], next } = await list(page, context);
      return { refs: items.map(({ id }) => ({ id, version: 1e9 })), next };
    },
  })),
  /the list's version is above fetch's/,
  ", and their versions",
);
fails(
  "a list has all there is",
  reading(({ list }) => ({ list: async (_, context) => ({ ...(await list(null, context)), next: "0" }) })),
  /has not ended after 1000 pages/,
  ", and ends",
);
fails(
  "a version never falls",
  reading(() => ({ version: ({ revision }) => -revision })),
  /its version fell/,
);
fails(
  "a version never falls",
  reading(() => ({ version: () => 1 })),
  /its strict version did not rise/,
  " and rises",
);
fails(
  "a version never falls",
  reading(() => ({ version: () => Number.NaN })),
  /it must be a number/,
  " and is one",
);
fails(
  "what is fetched together",
  reading(({ fetchMany }) => ({ fetchMany: async (ids, context) => (await fetchMany(ids, context)).reverse() })),
  /in the order of its ids/,
);
fails(
  "what was deleted is gone",
  reading(({ fetch }) => {
    const kept = new Map<string, Note>();
    return {
      async fetch(id, context) {
        const note = await fetch(id, context);
        if (note !== null && note !== gone) kept.set(id, note);
        return kept.get(id) ?? { id, text: "", revision: 0, read_at: 0 };
      },
    };
  }),
  /finds what was deleted/,
);
fails(
  "what was deleted is gone",
  emulating(({ write }) => ({ write: (random) => write(() => random() * 0.39) })),
  /nothing was deleted in 2000 writes/,
  ", by the emulator too",
);

// -- Trouble ----------------------------------------------------------------------------------------------------------

/** Answers instead of the client what an error of its should have been. */
const failing = (wrong: (error: unknown) => unknown): Samples =>
  reading(({ fetch }) => ({
    fetch: (id, context) =>
      fetch(id, context).catch((error) => {
        throw wrong(error);
      }),
  }));
const LIMITS = '10 ways to say "too many requests"';
fails(
  LIMITS,
  failing((error) => (error instanceof RetryLater ? new Error("429") : error)),
  /must throw RetryLater: Error: 429/,
);
fails(
  LIMITS,
  failing((error) => (error instanceof RetryLater ? new RetryLater(1) : error)),
  /it waits 1 ms, and was asked to wait 2000/,
  ", and how long",
);
fails(
  LIMITS,
  failing((error) => (error instanceof RetryLater ? new RetryLater(0) : error)),
  /a wait of 0 ms/,
  ", not 0 ms",
);
fails(
  LIMITS,
  asking(async (request, fetch) => {
    for (let tries = 0; ; tries++) {
      const response = await fetch(request.clone());
      if (response.status !== 429 || tries === 5) return response;
    }
  }),
  /it goes on asking, 5 times/,
  ", and nothing by itself",
);
fails(
  "an outage is no absence",
  reading(({ fetch }) => ({ fetch: (id, context) => fetch(id, context).catch(() => null) })),
  /answered with 500 with HTML, must throw: it gives null/,
);
fails(
  "an outage is no absence",
  reading(({ list }) => ({ list: (page, context) => list(page, context).catch(() => ({ items: [], next: null })) })),
  /list of note, request 1 answered with .*, must throw/,
  " of a list",
);
fails(
  "a redirect that leaves the origin",
  asking((request, fetch) => fetch(new Request(request, { redirect: "follow" }))),
  /redirected by 301: https:\/\/evil.example was asked/,
);
/** It takes the next page's URL from where the service says. */
const following = (nextOf: (response: Response, body: unknown) => string | null): Samples => ({
  ...samples,
  provider(options) {
    const provider = notes(options);
    const headers = { authorization: "Bearer token" };
    const list: Resource<Note>["list"] = async (page) => {
      const response = await options.fetch(page ?? `${ORIGIN}/notes?after=`, { headers });
      const items = (await response.json()) as Note[];
      return { items, next: nextOf(response, items) };
    };
    return { ...provider, resources: { note: { ...provider.resources.note, list } } };
  },
});
fails(
  "a link that leaves the origin",
  following(({ headers }) => /<([^>]+)>/.exec(headers.get("link") ?? "")?.[1] ?? null),
  /list of note, led to https:\/\/evil.example: https:\/\/evil.example was asked, with the headers authorization/,
);

// -- Worlds -----------------------------------------------------------------------------------------------------------

const WORLDS = "in 30 simulated worlds";
/** Nothing but a webhook finds anything, and nothing comes of that. */
const deaf: Samples = {
  ...samples,
  provider(options) {
    const { resources } = notes(options);
    const list = async () => ({ items: [], next: null });
    return { webhook: async () => [], resources: { note: { ...resources.note, list } } };
  },
};
fails(WORLDS, deaf, /seed \d+: \["note","","\d+"\] is missed/);
fails(
  WORLDS,
  reading(({ fetch }) => ({ fetch: (id, context) => fetch(id, context).catch(() => gone) })),
  /seed \d+: note \d+ is told to be gone, and never was deleted/,
  ", and no deletion",
);
fails(
  WORLDS,
  {
    ...samples,
    provider(options) {
      const { resources, ...provider } = notes(options);
      const { list: _, version: __, versionKind: ___, fetchMany: ____, ...note } = resources.note;
      const first = new Map<string, Note>();
      const fetch: Resource<Note>["fetch"] = async (id, context) => {
        const state = await note.fetch(id, context);
        if (state === null || state === gone) return state;
        first.set(id, first.get(id) ?? state);
        return first.get(id) ?? state;
      };
      return {
        ...provider,
        probe: async () => {},
        resources: { note: { ...note, fetch, readLag: { fetch: 0, list: 0 } } },
      };
    },
  },
  /is told as it was/,
  " now",
);
fails(
  WORLDS,
  withApi({ emulator: ({ now }) => emulator({ now, secret: webhooks.secrets[1] }) }),
  /a webhook of the emulator was answered 401/,
  ", and webhooks are taken",
);
fails(
  WORLDS,
  emulating(() => ({ write: () => {} })),
  /hardly a change/,
  ", in which there are changes",
);

test("each check of the contract was shown to fail", () => {
  assert.deepEqual(
    [...good.keys()].filter((promise) => !shown.has(promise)),
    [],
  );
});

test("what a provider or its samples do not have is not checked", () => {
  const named = (given: Samples) => [...checksOf(given).keys()];
  const { webhooks: _, ...readOnly } = samples;
  const { api: __, ...verifier } = samples;
  assert.ok(named(readOnly).every((promise) => !/webhook|forged|payload/.test(promise)));
  assert.ok(named(verifier).every((promise) => !/fetch|list|worlds|redirect/.test(promise)));
  assert.equal(named(readOnly).length + named(verifier).length, good.size);
  const token = named(withWebhooks({ covers: "nothing" }));
  assert.deepEqual(
    [...good.keys()].filter((promise) => !token.includes(promise)),
    [
      "of 3,000 forged bodies none is believed, and none breaks anything",
      "a body that was parsed and written again is rejected",
    ],
  );
  assert.ok(!named(withApi({ deletes: false })).some((promise) => /deleted is gone/.test(promise)));
});

test("samples from which nothing could be told are refused where they are given", () => {
  const { provider } = samples;
  for (const [wrong, message] of [
    [{ provider }, /^x: give webhooks, api, or both/],
    [withWebhooks({ secrets: ["a"] as never }), /^x: webhooks\.secrets must be two/],
    [withWebhooks({ secrets: ["a", "a"] }), /^x: webhooks\.secrets must be two/],
    [withWebhooks({ payloads: [] }), /^x: webhooks\.payloads must have one that gives hints/],
    [withWebhooks({ payloads: webhooks.payloads.slice(-1) }), /^x: webhooks\.payloads must have one that gives hints/],
  ] as [Samples, RegExp][]) {
    assert.throws(() => checksOf(wrong), { name: "TypeError", message });
  }
});
