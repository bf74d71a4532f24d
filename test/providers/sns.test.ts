/** SNS around an application's own service: the published contract, in both versions of signatures. */
import { test } from "node:test";
import type { Hint } from "tidemark";
import { parseJson } from "tidemark/client";
import { sns } from "tidemark/sns";
import { testProvider } from "tidemark/testing";
import { WORLDS } from "./context.ts";
import { emulateNotes, noteResource, ORIGIN } from "./notes.emulator.ts";
import { answerSns, deliveryOf, HOST, OTHER_TOPIC, TOPIC } from "./sns.emulator.ts";

const NOW = 1_800_000_000_000;

/** `{"note":"n1"}`, or `{"notes":true}` for all of them. */
function hints(message: string): Hint<"note">[] {
  const { note, notes } = Object(parseJson(message));
  if (notes === true) return [{ type: "note" }];
  const good = typeof note === "string" ? note !== "" : Number.isSafeInteger(note);
  return good ? [{ type: "note", id: String(note) }] : [];
}

for (const version of ["1", "2"] as const) {
  const sign = deliveryOf(version);
  testProvider(
    test,
    `sns, version ${version}`,
    {
      provider: ({ secrets, fetch }) =>
        sns({ topics: secrets, inner: { resources: { note: noteResource(fetch) } }, hints, fetch }),
      webhooks: {
        secrets: [TOPIC, OTHER_TOPIC],
        sign,
        headers: [],
        covers: "fields",
        fetch: answerSns,
        payloads: [
          {
            name: "note",
            body: '{"note":"n1"}',
            hints: [
              {
                ...{ type: "note", id: "n1" },
                event: { id: "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324", name: "MyTopic", at: new Date(NOW) },
              },
            ],
          },
          { name: "number", body: '{"note":17}', hints: [{ type: "note", id: "17" }] },
          {
            name: "lines and more",
            body: '{"note":\n"n1",\r\n"café":"✓ \\u0000"}',
            hints: [{ type: "note", id: "n1" }],
          },
          { name: "all", body: '{"notes":true}', hints: [{ type: "note" }] },
          { name: "of no use", body: '{"user":"u1"}', hints: "ignored" },
        ],
      },
      ...(version === "2" && {
        api: {
          origins: [ORIGIN, HOST],
          emulator({ now, secret }) {
            const notes = emulateNotes({ now }, ({ id, note }, at) => [
              sign({ body: JSON.stringify({ note }) }, secret, at, id),
            ]);
            const ofSns = ({ url }: Request) => url.startsWith(`${HOST}/`);
            return { ...notes, fetch: (request) => (ofSns(request) ? answerSns(request) : notes.fetch(request)) };
          },
        },
      }),
    },
    { worlds: WORLDS },
  );
}
