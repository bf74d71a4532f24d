/**
 * A Stripe webhook: is it Stripe's, and of this time?
 * @module
 */
import { WebhookRejected, type WebhookRequest } from "tidemark";
import { verifyHmac } from "tidemark/verify";

/** Seconds by which a signature's time may differ from ours, the default of Stripe's own clients. */
const TOLERANCE = 300;
/** Characters. Room for twelve signatures, and Stripe sends one per active secret: each costs a pass over the body. */
const LONGEST = 1_024;

/**
 * Checks `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=<hex>…]`: HMAC-SHA256 of `t.body` with the whole secret,
 * `whsec_` included. While a secret is being rolled there is one `v1` for each; other schemes are ignored
 * (docs.stripe.com/webhooks#verify-manually). Every attempt of a delivery is signed anew, so a late one is of this time.
 * @param secrets lists of secrets, each of its own
 * @returns for each of the lists, whether a signature holds under one of its secrets: for at least one
 * @throws WebhookRejected if none holds under any of the secrets, or the time is more than 300 s off, either way
 */
export function verifySignature(
  { headers, body, now }: WebhookRequest,
  secrets: readonly (readonly string[])[],
): boolean[] {
  const { time, signatures } = parseHeader(headers.get("stripe-signature") ?? "");
  // Stripe's own clients let a signature of the future pass; there is no reason to.
  if (Math.abs(now / 1_000 - Number(time)) > TOLERANCE) {
    throw new WebhookRejected("the signature is more than 300 s off: look at this machine's clock");
  }
  const holds = secrets.map((list) => signatures.some((one) => verifyHmac(list, [`${time}.`, body], one)));
  if (!holds.includes(true)) {
    throw new WebhookRejected(
      "the signature holds under none of the secrets: is it this endpoint's secret, and the body unchanged?",
    );
  }
  return holds;
}

function parseHeader(header: string): { time: string; signatures: string[] } {
  if (header === "") throw new WebhookRejected("there is no Stripe-Signature header");
  if (header.length > LONGEST) throw new WebhookRejected("the Stripe-Signature header is too long");
  const items = header.split(",").map((item) => {
    const [key = "", ...value] = item.split("=");
    return { key: key.trim(), value: value.join("=").trim() };
  });
  const valuesOf = (name: string) => items.filter(({ key }) => key === name).map(({ value }) => value);
  const [time, another] = valuesOf("t");
  if (time === undefined || another !== undefined || !/^\d{1,12}$/.test(time)) {
    throw new WebhookRejected("the Stripe-Signature header has no time, or several");
  }
  return { time, signatures: valuesOf("v1") };
}
