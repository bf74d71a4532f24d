/** The provider's contract, for the two services that the docs describe with it. */
import { test } from "node:test";
import { testProvider } from "tidemark/testing";
import { WORLDS } from "./context.ts";
import { LiveApi, signLive, signWorkOs, TOKEN, WorkOs } from "./rest.emulator.ts";
import { liveapi } from "./rest.liveapi.ts";
import { workos } from "./rest.workos.ts";

const secrets = ["a secret of the endpoint", "the one that comes after it"] as const;
const at = "2026-11-21T10:00:00.000Z";
const live = (type: string, data: object, hints: readonly { type: string; id?: string }[] | "ignored") => ({
  ...{ name: type, body: JSON.stringify({ id: `evt_${type}`, type, created_at: at, data }) },
  hints:
    hints === "ignored"
      ? hints
      : hints.map((hint) => ({ ...hint, event: { id: `evt_${type}`, name: type, at: new Date(at) } })),
});

testProvider(
  test,
  "LiveAPI",
  {
    provider: ({ secrets, fetch }) => liveapi({ token: TOKEN, secret: secrets, fetch }),
    webhooks: {
      secrets,
      sign: ({ body, headers }, secret) => {
        const signed = signLive(body, secret);
        return { ...signed, headers: { ...headers, ...signed.headers } };
      },
      headers: ["x-signature"],
      covers: "bytes",
      payloads: [
        live("stream.started", { stream_id: "str_1" }, [{ type: "stream", id: "str_1" }]),
        live("stream.ended", { stream_id: 9_007 }, [{ type: "stream", id: "9007" }]),
        live("recording.ready", { video_id: "vid_1", stream_id: "str_1" }, [
          { type: "video", id: "vid_1" },
          { type: "stream", id: "str_1" },
        ]),
        live("stream.started", {}, [{ type: "stream" }]),
        live("viewer.joined", { stream_id: "str_1" }, "ignored"),
      ],
    },
    api: { origins: ["https://api.liveapi.example"], emulator: (options) => new LiveApi(options) },
  },
  { worlds: WORLDS },
);

/** As workos.com/docs/events shows them, shortened. */
const event = (name: string, id: string, hints: readonly { type: string; id: string }[] | "ignored") => ({
  name,
  body: JSON.stringify({
    object: "event",
    id: `event_${id}`,
    event: name,
    data: { id, updated_at: at },
    created_at: at,
  }),
  hints:
    hints === "ignored"
      ? hints
      : hints.map((hint) => ({ ...hint, event: { id: `event_${id}`, name, at: new Date(at) } })),
});

testProvider(
  test,
  "WorkOS",
  {
    provider: ({ secrets, fetch }) => workos({ key: TOKEN, secret: secrets, fetch }),
    webhooks: {
      secrets,
      sign: ({ body, headers }, secret, at) => {
        const signed = signWorkOs(body, secret, at);
        return { ...signed, headers: { ...headers, ...signed.headers } };
      },
      headers: ["workos-signature"],
      covers: "bytes",
      tolerance: 180_000,
      payloads: [
        ...["created", "updated", "deleted"].flatMap((what) => [
          event(`user.${what}`, "user_1", [{ type: "user", id: "user_1" }]),
          event(`organization.${what}`, "org_1", [{ type: "organization", id: "org_1" }]),
        ]),
        event("dsync.user.created", "directory_user_1", "ignored"),
        event("organization_membership.created", "om_1", "ignored"),
      ],
    },
    api: { origins: ["https://api.workos.com"], emulator: (options) => new WorkOs(options) },
  },
  { worlds: WORLDS },
);
