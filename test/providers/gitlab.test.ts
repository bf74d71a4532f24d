/** The GitLab provider: the contract of every provider. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type GitLabType, gitlab } from "tidemark/gitlab";
import { type Figures, type Samples, testProvider, type Webhooks } from "tidemark/testing";
import { WORLDS } from "./context.ts";
import { EMULATED, gitlabOf, ORIGIN, WORLDLY } from "./gitlab.emulator.ts";
import { PLAIN, plugin, SIGNING, signed, TOKEN } from "./gitlab.kit.ts";
import { payloads } from "./gitlab.payloads.ts";

const sign: Webhooks["sign"] = ({ body, headers }, secret, at) => ({
  body,
  headers: { ...headers, ...signed(body, secret, at) },
});
const provider: Samples["provider"] = ({ secrets, fetch }) => plugin({ webhookSecret: secrets, fetch });
const signing: Webhooks = {
  ...{ secrets: SIGNING, sign, payloads, covers: "bytes", tolerance: 300_000 },
  headers: ["webhook-id", "webhook-timestamp", "webhook-signature"],
};

testProvider(test, "gitlab, signing token", { provider, webhooks: signing });

testProvider(test, "gitlab, secret token", {
  provider,
  webhooks: { secrets: PLAIN, sign, payloads, covers: "nothing", headers: ["x-gitlab-token"] },
});

/** The API of a GitLab with these types, and the least that is needed of its webhooks: those are tried above. */
const asked = (types: readonly string[], groups: readonly string[]): Samples => ({
  provider: ({ secrets: webhookSecret, fetch }) =>
    gitlab({
      ...{ url: ORIGIN, token: TOKEN, webhookSecret, fetch, projects: ["7"], groups },
      types: types as GitLabType[],
    }),
  webhooks: { ...signing, payloads: payloads.filter(({ name }) => name === "task") },
  api: { origins: [ORIGIN], emulator: gitlabOf(types) },
});

testProvider(test, "gitlab", asked(EMULATED, ["3"]), { forgeries: 100, worlds: WORLDS, report });
testProvider(test, "gitlab, a project", asked(WORLDLY, []), { forgeries: 100, worlds: WORLDS, report });

/** A change costs two reads, because the first may be behind; a comment's those of its issue, too, and their list. */
function report({ perChange }: Figures): void {
  assert.ok(perChange <= 5, `${perChange} requests for each change`);
}
