/**
 * One POST to a place that somebody named, and what its answer means: for outlets.
 *
 * https only, no redirect is followed, and no address is connected to that is not public, unless the application allows it.
 * Of the answer only status and headers count: no more of its body is taken than what keeps the connection usable.
 * @module
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { ServiceError, waitOf } from "../answer.ts";
import { RetryLater, TargetGone } from "../errors.ts";
import { checkHost, guardedLookup, PrivateAddress, type Resolve } from "./address.ts";

/** How to reach a target. */
export interface ReachOptions {
  /** Milliseconds for an answer. Default 20,000: Standard Webhooks advises 15 to 30 s. */
  timeout?: number;
  /** Whether the target may be `http:`. Default false. */
  allowHttp?: boolean;
  /** Whether it may lead to private addresses: this machine, its network. Default false. */
  allowPrivate?: boolean;
  /** Looks names up. Default: the machine's own resolver. */
  resolve?: Resolve;
}

/** What is sent. */
export interface Message {
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Sends a message. Throws what the answer means, as {@link judgeStatus} does; RetryLater if there is none. */
export type Post = (url: URL, message: Message, now: number) => Promise<void>;

/** Bytes of an answer's body that are taken. */
const MOST = 65_536;
/** Milliseconds for which a connection is kept for the next message. */
const KEPT = 5_000;
/** Refusals that are the endpoint's, not the change's: who is asked, where and how often. They may be put right. */
const ENDPOINT = [401, 402, 403, 404, 405, 407, 408, 421, 423, 425, 426, 429, 451];

/**
 * Makes what sends messages over HTTP.
 * @param name for messages: `webhooks "crm"`. No URL stands in them, because it may hold a secret
 */
export function createPost(name: string, options: ReachOptions = {}): Post {
  const { timeout = 20_000, allowHttp = false, allowPrivate = false, resolve } = options;
  const lookup = guardedLookup(allowPrivate, resolve);
  const kept = { keepAlive: true, timeout: KEPT };
  const ways = {
    "https:": { agent: new HttpsAgent(kept), request: httpsRequest },
    "http:": { agent: new HttpAgent(kept), request: httpRequest },
  };
  return async (url, { headers, body }, now) => {
    checkTarget(name, url, allowHttp);
    const { agent, request } = ways[url.protocol as keyof typeof ways];
    const length = { "content-length": String(Buffer.byteLength(body)) };
    const signal = AbortSignal.timeout(timeout);
    const how = { method: "POST", headers: { ...headers, ...length }, agent, lookup, signal };
    let answer: IncomingMessage;
    try {
      checkHost(url, allowPrivate);
      answer = await new Promise<IncomingMessage>((answered, failed) => {
        request(url, how, answered).on("error", failed).end(body);
      });
    } catch (cause) {
      const why = signal.aborted ? `${url.hostname} did not answer within ${timeout} ms` : reasonOf(url, cause);
      throw new RetryLater(0, `${name}: ${why}`, { cause });
    }
    leave(answer);
    const after = answer.headers["retry-after"];
    judgeStatus(name, answer.statusCode ?? 0, waitOf(new Headers(after ? { "retry-after": after } : {}), now));
  };
}

/** @throws TypeError for a URL that is none, is not https, or has a user or a password in it */
export function checkTarget(name: string, url: URL | string, allowHttp = false): URL {
  const target = URL.parse(String(url));
  const good = target?.protocol === "https:" || (allowHttp && target?.protocol === "http:");
  if (!target || !good || target.username !== "" || target.password !== "") {
    throw new TypeError(`${name}: the url must be https, with no user or password in it; allowHttp: true allows http`);
  }
  return target;
}

/**
 * What a status means for a change.
 * @param wait milliseconds that the target asks to wait, if it does
 * @throws TargetGone for 410; ServiceError for what refuses this change (400, 413, 422 …), so that it is parked; RetryLater
 *   for all else but 2xx
 */
export function judgeStatus(name: string, status: number, wait = 0): void {
  if (status >= 200 && status < 300) return;
  if (status === 410) throw new TargetGone(`${name} answers 410: it wants no more; \`retry\` begins again`);
  if (status >= 400 && status < 500 && !ENDPOINT.includes(status)) {
    throw new ServiceError("status", `${name} refuses the change: ${status}`, { status });
  }
  throw new RetryLater(wait, `${name} answers ${status}`);
}

function reasonOf({ hostname }: URL, cause: unknown): string {
  if (cause instanceof PrivateAddress) {
    return `${hostname} has no public address, and nothing was sent; allowPrivate: true if that is meant`;
  }
  const { name, code } = cause as { name?: string; code?: string };
  return `${hostname} cannot be reached: ${typeof code === "string" ? code : name}`;
}

/** Lets an answer end by itself, if it is small; else the connection is closed. */
function leave(answer: IncomingMessage): void {
  let size = 0;
  answer.on("error", () => {});
  answer.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > MOST) answer.destroy();
  });
}
