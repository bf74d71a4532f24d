/**
 * AWS Lambda with Postgres: as many instances as there are requests, each frozen when it has answered, and ended at any time.
 * Two functions: `webhook`, behind a function URL or an HTTP API (payload format 2.0), and `cron`, called every minute by a
 * schedule, with a timeout of a minute.
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

/** Verifies, saves, answers. What it hints at is read by the next `cron`: after the answer nothing runs here. */
export async function webhook(event: HttpEvent) {
  const response = await sync.webhook("github", requestOf(event));
  return { statusCode: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

/** Polls, sweeps, reads and delivers what is due. Two at once share the work; what one leaves, the next one does. */
export async function cron(_event: unknown, context: { getRemainingTimeInMillis(): number }) {
  // What was begun within the budget is to be done before the function is ended.
  const budgetMs = Math.max(0, context.getRemainingTimeInMillis() - 15_000);
  return { done: await sync.drain({ budgetMs }) };
}

/** The signature is over the bytes that were sent. */
function requestOf({
  rawPath,
  rawQueryString,
  headers,
  requestContext,
  body = "",
  isBase64Encoded,
}: HttpEvent): Request {
  const { domainName, http } = requestContext;
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  return new Request(`https://${domainName}${rawPath}?${rawQueryString}`, {
    method: http.method,
    headers: Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    ...(http.method === "POST" && { body: bytes }),
  });
}
