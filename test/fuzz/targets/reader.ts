/** What a reader asks over HTTP, and what is sent: cursors, queries, tokens, Server-Sent Events. */
import assert from "node:assert/strict";
import { CursorLost } from "tidemark";
import { cursorOf, placeOf } from "../../../src/change.ts";
import { createAccess, type View } from "../../../src/http/access.ts";
import { frameOf, lostFrame, placeFrame } from "../../../src/http/frame.ts";
import { askedOf } from "../../../src/http/query.ts";
import type { Store } from "../../../src/store.ts";
import { headerText, type Target } from "../target.ts";

const LOG = "0a1b2c";
/** The entries from 4 to 9 are there; the tick of each is seven times its position. */
const store = {
  head: async () => ({ log: LOG, position: 9, compacted: 3 }),
  entries: async ({ after }: { after: number }) => (after >= 3 ? [{ position: after + 1, tick: (after + 1) * 7 }] : []),
} as unknown as Store;

/** A cursor is a place that is there, or `CursorLost`. */
const cursor: Target = {
  async run(input) {
    const text = input.toString("latin1");
    const place = await placeOf(store, text).catch((error: unknown) => {
      assert.ok(error instanceof CursorLost, `an error of another kind: ${error}`);
      assert.ok(text.length < 8 || !error.message.includes(text), "the message quotes what came");
    });
    if (!place) return;
    const [log, position, tick] = text.split(".");
    assert.deepEqual([log, Number(position), Number(tick)], [LOG, place.position, place.tick]);
    const { position: at } = place;
    assert.ok(
      at === 0 || at === 3 || (at >= 4 && at <= 9 && place.tick === at * 7),
      `a place that is not there: ${text}`,
    );
  },
  words: [".", "0", "9", LOG, "-", "e", " ", "00", "9007199254740993", "null", "\n", ".."],
  seeds: [
    cursorOf(LOG, { position: 5, tick: 35 }),
    cursorOf(LOG, { position: 9, tick: 63 }),
    `${LOG}.3.21`,
    `${LOG}.0.0`,
  ],
};

const views: readonly View[] = [{}, { scope: "a" }, { types: ["x.y", "x.z"] }, { scope: "", types: [] }];

/** Node.js takes 16 kB of a request's line and its headers. */
const asking = (input: Buffer): Request => {
  const [text = "", last = ""] = input.subarray(0, 16_384).toString("latin1").split("\n", 2);
  return new Request(`http://x/changes?${text}`, {
    headers: { "last-event-id": headerText(Buffer.from(last, "latin1")) },
  });
};

/** What is asked for is within what may be seen, and within bounds; else it is refused. */
const query: Target = {
  run(input) {
    const request = asking(input);
    for (const view of views) {
      const asked = askedOf(request, view);
      if (asked instanceof Response) {
        assert.ok(asked.status === 400 || asked.status === 403);
        continue;
      }
      assert.ok(Number.isInteger(asked.limit) && asked.limit >= 1 && asked.limit <= 1_000, `${asked.limit}`);
      if (view.scope !== undefined) assert.equal(asked.scope, view.scope);
      if (view.types)
        assert.ok(
          asked.types?.every((type) => view.types?.includes(type)),
          `${asked.types}`,
        );
    }
  },
  ours(input) {
    const request = asking(input);
    return () => askedOf(request, {});
  },
  words: [
    "after=",
    "from=",
    "now",
    "start",
    "types=",
    "scope=",
    "limit=",
    "&",
    "=",
    ",",
    "x.y",
    "x.z",
    "a",
    "%00",
    "%",
    "+",
  ].concat(...["1000", "1e3", "0x10", "-1", "1.5", "#", "?", "\n", "__proto__=", "types[]="]),
  seeds: ["types=x.y,x.z&scope=a&limit=10&after=1.2.3", "from=now\n0a.1.2", "limit=1000&types=x.y&types=x.z", ""],
};

const TOKENS = ["a token that opens all of it", "another one, for a while"] as const;
const viewOf = createAccess({ token: ["a-token-that-opens-all-of-it", "another-one-for-a-while"] });

/** Nobody gets in but with a token as it is. */
const bearer: Target = {
  async run(input) {
    const text = headerText(input);
    const view = await viewOf(new Request("http://x/", { headers: { authorization: text } }));
    const fits = TOKENS.some((token) => text.replace(/^bearer +/i, "") === token.replaceAll(/,? /g, "-"));
    if (view instanceof Response) assert.equal(view.status, 401);
    else assert.ok(fits && /^bearer /i.test(text), `let in: ${text}`);
  },
  words: ["Bearer ", "bearer", "Basic ", " ", "\t", "a-token-that-opens-all-of-it", "-", ",", "\u00e9", "%20"],
  seeds: ["Bearer a-token-that-opens-all-of-it", "bearer  another-one-for-a-while", "Bearer x"],
};

/** As html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation reads a stream. */
function readEvents(stream: string): { event: string; data: string; id: string }[] {
  const events: { event: string; data: string; id: string }[] = [];
  let [event, data, id] = ["", "", ""];
  for (const line of stream.split(/\r\n|\n|\r/)) {
    if (line === "") {
      if (data !== "") events.push({ event: event || "message", data: data.slice(0, -1), id });
      [event, data] = ["", ""];
      continue;
    }
    const [, field = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === "event") event = value;
    if (field === "data") data += `${value}\n`;
    if (field === "id" && !value.includes("\0")) id = value;
  }
  return events;
}

const changeOf = (text: string, half: string) => {
  const common = { cursor: `${LOG}.5.35`, type: "x.y", at: new Date(0), via: "poll", initial: false, causes: [] };
  return { ...common, scope: text, id: half, before: null, after: { [text]: half } };
};

/** Whatever a state holds, a reader gets one message, with what was put in. */
const frame: Target = {
  run(input) {
    // Half characters, too.
    const [text, half] = [input.toString(), input.subarray(0, input.length & ~1).toString("utf16le")];
    const change = changeOf(text, half);
    const stream = `${placeFrame("a.1.1")}${frameOf(change as never).text}${lostFrame(text)}`;
    const [first, lost, ...more] = readEvents(stream);
    assert.deepEqual(more, []);
    assert.deepEqual([first?.event, first?.id], ["message", change.cursor]);
    assert.deepEqual(JSON.parse(first?.data ?? ""), JSON.parse(JSON.stringify(change)));
    assert.deepEqual([lost?.event, JSON.parse(lost?.data ?? "")], ["lost", { error: text }]);
  },
  ours(input) {
    const change = changeOf(input.toString(), "x") as never;
    return () => frameOf(change);
  },
  words: ["\n", "\r", "\r\n", "\n\n", "data: ", "id: ", "event: ", ":", "\0", "\u2028", "\u2029", "retry: 0", "\ud83d"],
  seeds: ["\n\ndata: x\n\n", "id: 1\r\n", "text", "\u2028"],
};

export const readers: Readonly<Record<string, Target>> = { cursor, query, bearer, frame };
