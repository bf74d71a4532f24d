/** Standard Webhooks in front of an application's own service: the published contract. */
import { test } from "node:test";
import { standardWebhooks } from "tidemark/standard-webhooks";
import { testProvider } from "tidemark/testing";
import { WORLDS } from "./context.ts";
import { emulateNotes, noteResource, ORIGIN } from "./notes.emulator.ts";
import { cause, eventText, keyOf, sign } from "./standard-webhooks.kit.ts";

testProvider(
  test,
  "standard-webhooks",
  {
    provider: ({ secrets, fetch }) => standardWebhooks({ secret: secrets, resources: { note: noteResource(fetch) } }),
    webhooks: {
      secrets: [keyOf(1), keyOf(2)],
      sign,
      headers: ["webhook-id", "webhook-timestamp", "webhook-signature"],
      covers: "bytes",
      tolerance: 300_000,
      payloads: [
        {
          name: "thin",
          body: eventText("note.updated", { id: "n1" }),
          hints: [{ type: "note", id: "n1", ...cause("note.updated") }],
        },
        { name: "number", body: eventText("note.created", { id: 17 }), hints: [{ type: "note", id: "17" }] },
        { name: "whole name", body: eventText("note", { id: "n/1" }), hints: [{ type: "note", id: "n/1" }] },
        {
          name: "full",
          body: eventText("note.text.edited", { id: "n1", text: "x" }),
          hints: [{ type: "note", id: "n1" }],
        },
        { name: "no id", body: eventText("note.reordered", {}), hints: [{ type: "note" }] },
        { name: "no data", body: JSON.stringify({ type: "note.reordered" }), hints: [{ type: "note" }] },
        { name: "another type", body: eventText("user.created", { id: "u1" }), hints: "ignored" },
        { name: "a type that begins alike", body: eventText("notebook.created", { id: "b1" }), hints: "ignored" },
        { name: "not advised", body: JSON.stringify({ anything: 1 }), hints: "ignored" },
        { name: "no object", body: "[1]", hints: "ignored" },
      ],
    },
    api: {
      origins: [ORIGIN],
      emulator: ({ now, secret }) =>
        emulateNotes({ now }, ({ id, name, note, at }, sentAt) => {
          const body = JSON.stringify({ type: name, timestamp: new Date(at).toISOString(), data: { id: note } });
          return [sign({ body }, secret, sentAt, id)];
        }),
    },
  },
  { worlds: WORLDS },
);
