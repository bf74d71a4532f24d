/**
 * Asks the handler of a running process.
 * @module
 */
import { request as overHttp } from "node:http";
import { request as overHttps } from "node:https";
import { text } from "node:stream/consumers";
import { Trouble } from "./io.ts";
import { plain } from "./print.ts";

/** An answer of the handler. Its body is JSON, and undefined if it is not. */
export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the other side says it as it is typed there
  body: any;
}

/** What to send besides, and which answers that are no success are for whoever asked. Others are a trouble. */
export interface Asking {
  body?: object;
  also?(answer: Answer): boolean;
}
export type Ask = (method: "GET" | "POST", path: string, asking?: Asking) => Promise<Answer>;

export function createAsk(url: string, token: string | undefined): Ask {
  const base = url.replace(/\/+$/, "");
  return async (method, path, { body, also = () => false } = {}) => {
    const headers = {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body && { "content-type": "application/json" }),
    };
    const sent = send(`${base}${path}`, method, headers, body && JSON.stringify(body));
    const answer = await sent.catch((cause) => {
      throw new Trouble(`${base} does not answer: is the process running, and is the address right?`, { cause });
    });
    const { status } = answer;
    if ((status < 300 && answer.body !== undefined) || also(answer)) return answer;
    const why = plain(`${answer.body?.error ?? "no reason given"}`);
    if (status === 401) throw new Trouble(`${base} refuses: ${why}; give --token or set TIDEMARK_TOKEN`);
    if (status === 403) throw new Trouble(`${base} refuses: ${why}`);
    throw new Trouble(`${base}${path.split("?")[0]} answered ${status}: ${why}`);
  };
}

/**
 * Not by `fetch`, which gives up after five minutes: a sweep is answered when it is done. A redirect is not followed, with a
 * token in hand.
 */
function send(url: string, method: string, headers: Record<string, string>, body = ""): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const over = new URL(url).protocol === "https:" ? overHttps : overHttp;
    const request = over(url, { method, headers }, (response) => {
      text(response).then((said) => resolve({ status: response.statusCode ?? 0, body: read(said) }), reject);
    });
    request.on("error", reject).end(body);
  });
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
