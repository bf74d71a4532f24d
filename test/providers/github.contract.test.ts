/** The contract of a provider, with the real client over a repository in memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Octokit } from "@octokit/rest";
import { github } from "tidemark/github";
import { type Figures, type Payload, type Samples, testProvider } from "tidemark/testing";
import { WORLDS } from "./context.ts";
import { GITHUB, GITHUB_TYPES, githubEmulator } from "./github.emulator.ts";
import { bytesOf, GUID, HOME, payloads, sign } from "./github.kit.ts";
import { expected } from "./github.payloads.ts";

const quiet = () => {};
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** A recorded payload, with those of its hints that are of the types here. */
function payloadOf(name: string): Payload {
  const [event = ""] = name.split(".");
  const refs = (expected[name]?.split(", ") ?? []).map((ref) => {
    const {
      type = "",
      id,
      scope = HOME,
    } = /^(?<type>\w+)( (?<id>(?!@).+?))?( v)?( @(?<scope>\S+))?$/.exec(ref)?.groups ?? {};
    return { type, ...(id !== undefined && id !== "v" && { id }), scope };
  });
  // What an App was given or lost may be anything: a type as a whole is named.
  const named = event.startsWith("installation") ? refs.map(({ scope }) => ({ type: GITHUB_TYPES[0], scope })) : refs;
  const hints = named.filter(({ type, scope }) => GITHUB_TYPES.some((one) => one === type) && scope !== undefined);
  return {
    name,
    body: bytesOf(`webhooks/${name}.json`),
    headers: { "x-github-event": event, "x-github-delivery": GUID },
    hints: hints.length > 0 ? hints : "ignored",
  };
}

const limited = (status: number, headers: Record<string, string>, message = "forbidden") =>
  Response.json({ message }, { status, headers });

export const samples: Samples = {
  provider: ({ secrets, fetch }) =>
    github({
      client: new Octokit({ auth: "token", log, request: { fetch } }),
      ...{ webhookSecret: secrets, repos: [HOME], types: GITHUB_TYPES },
    }),
  webhooks: {
    secrets: ["It's a Secret to Everybody", "and this is another"],
    sign: ({ body, headers }, secret) => ({
      body,
      headers: { ...headers, "x-hub-signature-256": sign(body, secret) },
    }),
    headers: ["x-hub-signature-256"],
    covers: "bytes",
    payloads: payloads.map(payloadOf),
  },
  api: {
    origins: [GITHUB],
    emulator: githubEmulator,
    throttled: [
      {
        name: "403, nothing remaining",
        ms: 5_000,
        answer: (now) =>
          limited(403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(Math.ceil(now / 1_000) + 5) }),
      },
      { name: "403, secondary", ms: 7_000, answer: () => limited(403, { "retry-after": "7" }) },
      { name: "403, in words", answer: () => limited(403, {}, "You have exceeded a secondary rate limit.") },
      { name: "429, nothing remaining", answer: () => limited(429, { "x-ratelimit-remaining": "0" }) },
    ],
  },
};

// Its reads may be behind, so a hint costs one read at once, and one when what was behind has come.
const report = ({ perChange }: Figures) => assert.ok(perChange < 3.5, `${perChange} requests for each change`);
testProvider(test, "github", samples, { worlds: WORLDS, report });
