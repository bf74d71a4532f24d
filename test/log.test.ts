/** `logTo`: each event one line, through a real pino and through a console. */
import assert from "node:assert/strict";
import { Console } from "node:console";
import { Writable } from "node:stream";
import { type TestContext, test } from "node:test";
import { type Level, pino } from "pino";
import { AccessLost, createSync, type EngineEvent, type LogLevel, logTo, RetryLater } from "tidemark";
import { createDesk, handClock, memory, webhookOf } from "./desk.ts";

const SECRET = "canary-5f1e";
type Line = Record<string, unknown> & { kind: string };

/** What was written, line by line. */
function paper() {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      written.push(String(chunk));
      done();
    },
  });
  const lines = () => written.join("").split("\n").slice(0, -1);
  return { stream, lines, read: () => lines().map((line) => JSON.parse(line) as Line) };
}

function open(t: TestContext, observe: (event: EngineEvent) => void) {
  const time = handClock();
  const desk = createDesk();
  const sync = createSync({ providers: { desk: desk.provider }, store: memory(time), time, observe });
  t.after(() => sync.stop());
  return { time, desk, sync };
}

/** A webhook that is good and one that is forged, a read that fails, a handler that throws, a provider that is busy. */
async function liveThrough({ time, desk, sync }: ReturnType<typeof open>) {
  sync.subscribe("mirror", () => {
    throw new Error(SECRET);
  });
  await sync.drain();
  await sync.webhook("desk", webhookOf([desk.put("a", SECRET)]));
  await sync.webhook("desk", webhookOf([], "forged"));
  await sync.drain();
  desk.before = (call) => {
    if (call.startsWith("fetch")) throw new AccessLost("the key was revoked");
  };
  await sync.webhook("desk", webhookOf([desk.put("b", SECRET)]));
  await sync.drain();
  desk.before = () => {
    throw new RetryLater(60_000);
  };
  time.advance(120_000);
  await sync.drain();
}

test("through pino each event is one line with its own fields, at the level of what it means", async (t) => {
  const { stream, read } = paper();
  await liveThrough(open(t, logTo(pino({ level: "debug" }, stream))));
  const said = read().map(({ level, kind, msg }) => `${pino.levels.labels[Number(level)]} ${kind}: ${msg}`);
  for (const line of [
    "debug webhook: webhook of desk: accepted",
    "warn webhook: webhook of desk: rejected: WebhookRejected: bad signature",
    "debug read: read of desk.note a: newer",
    "warn read: read of desk.note b: failed: AccessLost: the key was revoked",
    "debug change: change of desk.note a, found by webhook",
    "warn rest: desk was told to wait 60000 ms",
    "info sweep: backfill of desk.note is complete",
  ]) {
    assert.ok(said.includes(line), `${line}\n\n${said.join("\n")}`);
  }
  assert.ok(said.some((line) => line.startsWith("warn parked: mirror threw at desk.note a: ")));
  const change = read().find(({ kind }) => kind === "change");
  assert.deepEqual([change?.["type"], change?.["id"], change?.["causes"]], ["desk.note", "a", ["evt_1"]]);
  assert.doesNotMatch(JSON.stringify(read()), /canary/, "no payload, no state, no error's text");
});

test("through a console it is the same, a line of JSON each", async (t) => {
  const [out, pinos] = [paper(), paper()];
  const console = new Console({ stdout: out.stream, stderr: out.stream });
  const [one, other] = [logTo(console), logTo(pino({ level: "debug" }, pinos.stream))];
  await liveThrough(
    open(t, (event) => {
      one(event);
      other(event);
    }),
  );
  assert.deepEqual(
    out.read().map(({ message, kind }) => [message, kind]),
    pinos.read().map(({ msg, kind }) => [msg, kind]),
  );
  assert.ok(out.read().some(({ level, kind }) => level === "warn" && kind === "read"));
});

test("below a level nothing is written, and what is no level is refused", async (t) => {
  const { stream, read } = paper();
  await liveThrough(open(t, logTo(pino({ level: "trace" }, stream), { level: "warn" })));
  assert.ok(read().length > 0);
  const labels = new Set(read().map(({ level }) => pino.levels.labels[Number(level)]));
  assert.deepEqual([...labels], ["warn"]);
  assert.throws(() => logTo(pino(stream), { level: "loud" as LogLevel }), /debug, info, warn, error/);
});

test("what others wrote makes no second line, nor a colour: the scope of a forged webhook is anybody's", () => {
  const { stream, read } = paper();
  const scope = "x\r\nerror all is lost\u001b[31m\u009b\u2028";
  logTo(pino({ level: "debug" }, stream))({ ...webhook, scope, outcome: "rejected", status: 401, reason: "forged" });
  const [line] = read();
  assert.equal(line?.["msg"], "webhook of desk x\ufffd\ufffderror all is lost\ufffd[31m\ufffd\ufffd: rejected: forged");
  assert.equal(line?.["scope"], scope, "the fields are the logger's to write");
  const out = paper();
  logTo(new Console({ stdout: out.stream, stderr: out.stream }))({
    ...webhook,
    scope,
    outcome: "ignored",
    status: 202,
  });
  assert.doesNotMatch(out.lines().join(), /[\p{Cc}\u2028]/u, "a console writes as it is given");
  assert.equal(out.read()[0]?.["scope"], scope, "it is the same value");
});

const AT = new Date(0);
const ref = { type: "desk.note", scope: "a", id: "1" };
const webhook = { kind: "webhook", provider: "desk", scope: "", types: [], refs: [], ms: 1 } as const;
const hook = { kind: "hook", provider: "desk", scope: null } as const;
const gap = { kind: "gap", provider: "desk", scope: "", what: "hook", from: AT, to: AT, types: [] } as const;
const halted = { kind: "halted", subscription: "mirror", ...ref, attempts: 1, error: "gone" } as const;

for (const [level, message, event] of [
  [
    "error",
    "webhook of desk: unsaved: disk full",
    { ...webhook, outcome: "unsaved", status: 503, reason: "disk full" },
  ],
  ["error", "gap of desk hook is open", { ...gap, state: "open" }],
  ["info", "gap of desk hook is closed", { ...gap, state: "closed" }],
  ["error", "hook of desk: found: silent", { ...hook, found: "silent", fault: "silent", done: "found" }],
  ["info", "hook of desk: good: silent", { ...hook, found: "silent", fault: null, done: "good" }],
  ["error", "mirror stands still: gone", { ...halted, ms: null }],
  ["warn", "mirror stands still: gone", { ...halted, ms: 1_000 }],
  [
    "error",
    "desk.note a: 9 are absent at once, and not believed to be gone yet",
    { kind: "held", type: "desk.note", scope: "a", absent: 9 },
  ],
  [
    "warn",
    "the poll of x (desk) failed: 502",
    { kind: "failed", what: "the poll of x", provider: "desk", error: "502", ms: 1 },
  ],
  [
    "debug",
    "sweep of desk.note a is complete",
    { kind: "sweep", type: "desk.note", scope: "a", suspects: 1, first: false },
  ],
] as const satisfies readonly (readonly [Level, string, EngineEvent])[]) {
  test(`a line: ${level}: ${message}`, () => {
    const { stream, read } = paper();
    logTo(pino({ level: "debug" }, stream))(event);
    const [line, ...others] = read();
    assert.equal(others.length, 0);
    assert.deepEqual([pino.levels.labels[Number(line?.["level"])], line?.["msg"]], [level, message]);
  });
}
