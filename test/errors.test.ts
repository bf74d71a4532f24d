/** What an error says, and what it must never say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AccessLost,
  CallTimeout,
  CursorLost,
  describe,
  Hidden,
  RetryLater,
  StoreError,
  WebhookRejected,
} from "../src/errors.ts";

const SECRET = "sk_live_51H";

test("each error is an Error with a name of its own, and keeps its cause", () => {
  const cause = new Error("first");
  for (const Kind of [WebhookRejected, AccessLost, Hidden, CursorLost, StoreError]) {
    const error = new Kind("what happened", { cause });
    assert.ok(error instanceof Error);
    assert.deepEqual([error.name, error.message, error.cause], [Kind.name, "what happened", cause]);
  }
  assert.deepEqual([new RetryLater(1, "m", { cause }).cause, new RetryLater(1).name], [cause, "RetryLater"]);
});

test("RetryLater waits at least nothing, at most an hour, and a minute if the provider's figure makes no sense", () => {
  const waits = [0, 1.5, 3_600_000, 3_600_001, Number.POSITIVE_INFINITY, -1, Number.NaN].map(
    (ms) => new RetryLater(ms),
  );
  assert.deepEqual(
    waits.map(({ ms }) => ms),
    [0, 1.5, 3_600_000, 3_600_000, 3_600_000, 60_000, 60_000],
  );
  assert.equal(new RetryLater(1_001).message, "the provider asks to wait 2 s");
  assert.equal(new RetryLater(1_001, "told so").message, "told so");
});

test("describe: our own messages whole, in one line of at most 500 characters", () => {
  assert.equal(describe(new AccessLost("the key was\n  revoked")), "AccessLost: the key was revoked");
  assert.equal(describe(new Hidden("no\0 such\u0007thing")), "Hidden: no such thing", "a zero byte cannot be stored");
  assert.equal(describe(new CallTimeout("no answer within 30 s")), "TimeoutError: no answer within 30 s");
  assert.equal(describe(new StoreError("x".repeat(900))).length, 500);
});

test("describe: of a foreign error only name, code and status; never its message, cause or other fields", () => {
  const request = { message: `GET /v1/customers?key=${SECRET}`, headers: { authorization: SECRET } };
  const foreign = (over: object) => Object.assign(new Error(SECRET, { cause: SECRET }), over);
  assert.equal(describe(foreign({ name: "HttpError", status: 502, request })), "HttpError 502");
  assert.equal(describe(foreign({ code: "ECONNRESET", statusCode: 500 })), "Error ECONNRESET 500");
  assert.equal(describe(foreign({ code: `a ${SECRET}`, status: { SECRET } })), "Error");
  assert.equal(describe(foreign({ code: SECRET.repeat(9) })), "Error", "a code is a word, not a body");
  assert.equal(describe(foreign({ name: `Error: ${SECRET}` })), "Error");
  for (const thrown of [SECRET, null, undefined, { message: SECRET }]) {
    assert.equal(describe(thrown), "something that is not an Error was thrown");
  }
});

test("describe: a foreign error that has the name of one of ours is foreign all the same", () => {
  for (const { name } of [new WebhookRejected(), new CallTimeout(), new RetryLater(0)]) {
    assert.equal(describe(Object.assign(new Error(`GET https://api/?token=${SECRET}`), { name })), name);
  }
});
