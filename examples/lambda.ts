/**
 * AWS Lambda, behind a function URL or an HTTP API (payload format 2.0).
 *
 * The database must be on a disk that stays and that one instance writes at a time: an EFS mount (`TIDEMARK_DB`) and a
 * reserved concurrency of 1. `/tmp` is gone with the instance, and with it the promise that what was answered 2xx is
 * saved. Nothing runs between two events: a second handler, called by a schedule, does what the loops do elsewhere.
 */
import { sync } from "./sync.ts";

/** The fields of the event that are used. */
export interface HttpEvent {
  rawPath: string;
  rawQueryString: string;
  headers: Record<string, string | undefined>;
  requestContext: { domainName: string; http: { method: string } };
  body?: string;
  isBase64Encoded: boolean;
}

/** For the webhook: verifies, saves, answers. */
export async function handler(event: HttpEvent) {
  const { rawPath, rawQueryString, headers, requestContext, body, isBase64Encoded } = event;
  const { method } = requestContext.http;
  const bytes = Buffer.from(body ?? "", isBase64Encoded ? "base64" : "utf8");
  const request = new Request(`https://${requestContext.domainName}${rawPath}?${rawQueryString}`, {
    method,
    headers: Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    ...(method === "POST" && { body: bytes }),
  });
  const response = await sync.webhook("github", request);
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
}

/** For the schedule, once a minute: reads, polls, sweeps and delivers what is due, within the time it has. */
export async function tick(_event: unknown, context: { getRemainingTimeInMillis(): number }) {
  const done = await sync.drain({ budgetMs: Math.max(0, context.getRemainingTimeInMillis() - 10_000) });
  return { done };
}
