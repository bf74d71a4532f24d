/** What a process holds of bodies that nobody has verified: 32 MB in all, and it is let go. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync } from "tidemark";
import { webhook } from "tidemark/node";
import { systemTime } from "../../src/time.ts";
import { memory } from "../desk.ts";
import { listen, post } from "./raw.ts";
import { type Way, ways } from "./ways.ts";

const LARGE = 900_000;
/** So many of them are more than 32 MB. */
const MANY = 38;
const way = ways["stripe"] as Way;
const signed = (bytes: number) => way.sign(way.body.padEnd(bytes, " "), Date.now());

test("large bodies that stop short hold 32 MB in all: then large ones are to come again, small ones are taken", async (t) => {
  const deadlines: (() => void)[] = [];
  const time = {
    ...systemTime,
    after(ms: number, run: () => void, keep?: boolean) {
      if (ms !== 10_000) return systemTime.after(ms, run, keep);
      deadlines.push(run);
      return () => {};
    },
  };
  const sync = createSync({ providers: { stripe: way.provider }, store: memory(), time });
  t.after(() => sync.stop());
  const ask = async (body: string | ReadableStream, headers: Record<string, string> = {}) => {
    const request = new Request("http://x/", { method: "POST", body, headers, duplex: "half" } as RequestInit);
    const { status, headers: answered } = await sync.webhook("stripe", request);
    return `${status} ${answered.get("retry-after") ?? ""}`.trim();
  };
  const good = (bytes: number) => {
    const { body, headers } = signed(bytes);
    return ask(String(body), headers);
  };
  const more: (() => void)[] = [];
  // All but the last one fit, and hardly anything besides.
  const sizes = [...Array<number>(MANY - 1).fill(LARGE), 250_000, LARGE];
  const stalled = sizes.map((size) =>
    ask(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new Uint8Array(size));
          more.push(() => controller.enqueue(new Uint8Array(LARGE)));
        },
      }),
    ),
  );
  assert.equal(await stalled.at(-1), "503 5");
  assert.equal(await good(LARGE), "503 5");
  assert.equal(await good(10_000), "202");
  for (const end of deadlines) end();
  assert.ok((await Promise.all(stalled)).every((answer) => answer === "408" || answer === "503 5"));
  assert.equal(await good(LARGE), "202", "what is over is let go");
  // What still comes of a body that nobody waits for is not held either.
  for (const enqueue of more) {
    try {
      enqueue();
    } catch {
      // This one was ended.
    }
  }
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await good(LARGE), "202");
});

test("node: what was refused, and what was taken, is let go", async (t) => {
  const sync = createSync({ providers: { stripe: way.provider }, store: memory() });
  t.after(() => sync.stop());
  const port = await listen(t, webhook(sync, "stripe"));
  for (let n = 0; n < MANY; n++) {
    assert.equal(await post(port, "/", [["stripe-signature", "t=1,v1=0"]], Buffer.alloc(LARGE)), 401);
  }
  for (let n = 0; n < 3; n++) {
    const { body, headers } = signed(LARGE);
    assert.equal(await post(port, "/", Object.entries(headers), Buffer.from(body)), 202);
  }
});
