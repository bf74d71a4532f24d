/**
 * Checks of who is believed: secrets that are wrong, missing, empty, being replaced; times that are off.
 * @module
 */
import assert from "node:assert/strict";
import type { Delivery, Samples, Webhooks } from "../samples.ts";
import { type Check, NOW, nobody, receive, receiverOf, subjectOf, told } from "./check.ts";

/** A second more or less is how a service rounds. */
const SECOND = 1_000;

/** The checks of a provider's secrets. */
export function secretChecks(samples: Samples, webhooks: Webhooks): Check[] {
  const { secrets, headers, tolerance } = webhooks;
  const [first, second] = secrets;
  const sign = (secret: string, at = NOW) => webhooks.sign(subjectOf(webhooks), secret, at);
  const receiver = (
    given: (typeof webhooks.secrets)[0] | readonly string[] | (() => string | readonly string[]) = first,
  ) => receiverOf(samples, webhooks, given);
  const believed = async (provider = receiver(), delivery = sign(first), now = NOW) => {
    const verdict = await receive(provider, delivery, now);
    assert.equal(verdict.kind, "hints", `a good webhook must give hints: ${told(verdict)}`);
    return verdict.kind === "hints" ? verdict.hints : [];
  };
  const rejected = async (what: string, delivery: Delivery, provider = receiver(), now = NOW) => {
    const verdict = await receive(provider, delivery, now);
    assert.equal(verdict.kind, "rejected", `${what} must throw WebhookRejected: ${told(verdict)}`);
  };

  const checks: Check[] = [
    {
      promise: "a webhook signed with another secret is rejected",
      async run() {
        await believed();
        await rejected("a webhook signed with another secret", sign(second));
        await rejected("a webhook signed with no secret", sign(""));
      },
    },
    {
      promise: "a provider without a secret, or with an empty one, is refused when it is made",
      run() {
        for (const wrong of ["", " ", [], [""], [first, ""], null, 5]) {
          assert.throws(
            () => receiver(wrong as string),
            Error,
            `secrets: ${JSON.stringify(wrong).replace(first, "…")} must be refused when the provider is made`,
          );
        }
        const without = made(() => samples.provider({ secrets: undefined as never, fetch: nobody }));
        assert.ok(!without?.webhook, MISSING);
      },
    },
    {
      promise: "an empty secret that a function gives verifies nothing, and the sender comes again",
      async run() {
        const failing = () => {
          throw new Error("the vault is closed");
        };
        for (const [what, given] of [
          ["an empty secret", () => ""],
          ["no secrets", () => []],
          ["a failure", failing],
        ] as const) {
          const verdict = await receive(receiver(given), sign(given === failing ? first : ""));
          assert.equal(verdict.kind, "later", `${what} from the function must throw RetryLater: ${told(verdict)}`);
        }
      },
    },
    {
      promise: "while a secret is replaced both hold, and the old one ends with the replacement",
      async run() {
        const both = receiver([first, second]);
        for (const secret of secrets) await believed(both, sign(secret));
        let current: readonly string[] = [first, second];
        const rotating = receiver(() => current);
        for (const secret of secrets) await believed(rotating, sign(secret));
        current = [second];
        await rejected("a webhook signed with the old secret", sign(first), rotating);
        await believed(rotating, sign(second));
      },
    },
    {
      promise: "a webhook that comes twice gives the same hints, whoever receives it",
      async run() {
        const provider = receiver();
        const hints = await believed(provider);
        assert.deepEqual(await believed(provider), hints, "the second time it must give the same hints");
        assert.deepEqual(await believed(), hints, "another process must give the same hints");
      },
    },
  ];
  if (headers.length > 0) {
    checks.push({
      promise: "a webhook whose signature is missing, empty or given twice is rejected",
      async run() {
        const good = sign(first);
        const hints = await believed();
        for (const name of headers) {
          const { [name]: value = "", ...rest } = good.headers;
          assert.notEqual(value, "", `webhooks.headers: a signed webhook has no ${name}`);
          await rejected(`a webhook without ${name}`, { ...good, headers: rest });
          for (const empty of ["", " ", ",", "="]) {
            await rejected(`a webhook with "${empty}" for ${name}`, { ...good, headers: { ...rest, [name]: empty } });
          }
          const other = sign(second, NOW + 60_000).headers[name] ?? "";
          for (const twice of [`${value}, ${other}`, `${other}, ${value}`]) {
            const verdict = await receive(receiver(), { ...good, headers: { ...rest, [name]: twice } });
            if (verdict.kind === "hints") assert.deepEqual(verdict.hints, hints, `${name} given twice`);
            else assert.equal(verdict.kind, "rejected", `${name} given twice must be rejected: ${told(verdict)}`);
          }
        }
      },
    });
  }
  if (tolerance !== undefined) {
    checks.push({
      promise: `a signature holds for ${tolerance / SECOND} s, either way`,
      async run() {
        const near = tolerance - SECOND;
        for (const off of [near, -near]) await believed(receiver(), sign(first), NOW + off);
        for (const off of [SECOND, 86_400_000]) {
          await rejected(
            `a signature ${(tolerance + off) / SECOND} s old`,
            sign(first),
            receiver(),
            NOW + tolerance + off,
          );
          const early = NOW - tolerance - off;
          await rejected(`a signature of ${(tolerance + off) / SECOND} s from now`, sign(first), receiver(), early);
        }
      },
    });
  }
  return checks;
}

const MISSING = "a provider made without secrets must be refused, or take no webhooks";

function made<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
