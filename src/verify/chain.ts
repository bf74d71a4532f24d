/**
 * A chain of certificates from a URL, which may be anything: one answer, of bounded size, within its time.
 * @module
 */
import { X509Certificate } from "node:crypto";
import { WebhookRejected } from "../errors.ts";

/** Bytes of a chain of certificates. */
const LARGEST = 65_536;

/**
 * Fetches a chain of certificates, the signing one first.
 * @param timeout milliseconds for all of it
 * @throws WebhookRejected where there is nothing (404, 410); an Error for whatever else is no chain
 */
export async function fetchChain(
  url: string,
  fetch: (request: Request) => Promise<Response>,
  timeout: number,
): Promise<readonly X509Certificate[]> {
  return parseChain(await download(url, fetch, timeout));
}

async function download(url: string, fetch: (request: Request) => Promise<Response>, timeout: number): Promise<string> {
  const signal = AbortSignal.timeout(timeout);
  // A fetch that does not mind the signal must not hold a webhook for ever.
  const { promise: late, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(signal.reason);
  signal.addEventListener("abort", giveUp);
  try {
    const response = await Promise.race([fetch(new Request(url, { redirect: "manual", signal })), late]);
    if (response.status === 200) return await Promise.race([read(response), late]);
    response.body?.cancel().catch(() => {});
    if (response.status === 404 || response.status === 410) {
      throw new WebhookRejected("there is no signing certificate where the webhook says");
    }
    throw new Error(`the signing certificate's host answers ${response.status}`);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

async function read(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > LARGEST) throw new Error(`the signing certificate has more than ${LARGEST} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("latin1");
}

/** All certificates of a PEM text. */
function parseChain(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new Error("there is no certificate in PEM form");
  return blocks.map((block) => new X509Certificate(block));
}
