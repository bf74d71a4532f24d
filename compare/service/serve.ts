/**
 * A service as a real server on a free port. A case may hold an answer back, or say what is answered instead.
 * @module
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../clock.ts";
import { Account, type Happened, type PutOptions } from "./account.ts";
import type { Answer, Asked, Dialect, Hook } from "./dialect.ts";

/** A request that was answered from what there was, and whose answer is still on its way. */
export interface Gate {
  arrived: Promise<void>;
  open(): void;
}
type Held = { what: Asked["what"]; first: boolean; arrive: () => void; opened: Promise<void> };

export class Service {
  readonly dialect: Dialect;
  readonly account: Account;
  readonly asked: Asked[] = [];
  pageSize = 100;
  /** Answers something else than what there is; undefined: as it is. */
  instead: (asked: Asked) => Answer | undefined = () => undefined;
  /** Whether a request with a validator is told that nothing changed, whatever did. */
  stuck = false;
  /** How often it was told so. */
  stickings = 0;
  url = "";
  readonly #held: Held[] = [];
  readonly #server = createServer((request, response) => {
    void this.#answer(request).then(({ status, body, headers = {} }) => {
      response.writeHead(status, { "content-type": "application/json", "request-id": "req_1", ...headers });
      response.end(status === 304 ? undefined : JSON.stringify(body));
    });
  });

  constructor(dialect: Dialect, clock: Clock) {
    this.dialect = dialect;
    this.account = new Account(clock);
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const url = new URL(request.url ?? "/", this.url);
    const asked = this.dialect.read(url);
    this.asked.push(asked);
    const { account, pageSize } = this;
    const { headers } = request;
    const sticks = this.stuck && headers["if-none-match"] !== undefined;
    if (sticks) this.stickings++;
    const answer = sticks
      ? { status: 304, headers: { etag: String(headers["if-none-match"]) } }
      : (this.instead(asked) ?? this.dialect.answer({ url, headers, asked, account, pageSize }));
    const text = JSON.stringify(answer);
    const i = this.#held.findIndex(({ what, first }) => what === asked.what && first === (asked.first ?? true));
    const [gate] = i < 0 ? [] : this.#held.splice(i, 1);
    gate?.arrive();
    await gate?.opened;
    return JSON.parse(text);
  }

  /** The next request for this is answered now, and its answer arrives when the gate is opened. */
  hold(what: Asked["what"], { first = true } = {}): Gate {
    const arrived = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<void>();
    this.#held.push({ what, first, arrive: arrived.resolve, opened: opened.promise });
    return { arrived: arrived.promise, open: opened.resolve };
  }

  /** Changes a thing, and answers the webhook that tells of it. */
  put = (id: number, options?: PutOptions): Hook => this.#hookOf(this.account.put(id, options));
  remove = (id: number): Hook => this.#hookOf(this.account.remove(id));
  strange = (): Hook => this.dialect.strange(this.account.now);
  #hookOf = (event: Happened): Hook => this.dialect.hookOf(event);
  /** How often a thing was asked for by itself. */
  fetches = (id: number): number => this.asked.filter((asked) => asked.what === "fetch" && asked.id === id).length;
}
