/**
 * `tidemark/outlets/nats`: changes as messages of a NATS JetStream, which takes each once by its `Nats-Msg-Id`.
 *
 * The stream is the application's: it captures `tidemark.>`, and its `duplicate_window` says for how long a message that
 * comes again is known. What comes again later than that is in the stream twice, under one id.
 *
 * Sources: docs.nats.io (JetStream, message deduplication), github.com/nats-io/nats.js (`@nats-io/jetstream`).
 * @module
 */
import {
  type Awaitable,
  type Change,
  type ChangeOf,
  type Providers,
  RetryLater,
  type Sync,
  type TypeOf,
} from "tidemark";
import {
  changeId,
  checkEnvelope,
  type EnvelopeOptions,
  envelopeOf,
  type OutletOptions,
  openOutlet,
} from "tidemark/outlet";
import { subjectOf } from "./subject.ts";
import { refusesChange, wordOf } from "./trouble.ts";

export { subjectOf } from "./subject.ts";

/** What is used of a JetStream client: that of `@nats-io/jetstream`, or of the older `nats`. */
export interface Publisher {
  /** Resolves when the stream has it. */
  publish(subject: string, payload: string, options: { msgID: string; timeout: number }): Promise<unknown>;
}

/** The options of {@link nats}. */
export interface NatsOptions<T extends string = string, C = Change> extends OutletOptions<T, C>, EnvelopeOptions {
  /** `jetstream(connection)` of `@nats-io/jetstream`; or a function that gives it, asked for each message. */
  js: Publisher | (() => Awaitable<Publisher>);
  /** What subjects begin with. Default `"tidemark"`. */
  prefix?: string;
  /** The subject of a change. Default {@link subjectOf}: `tidemark.stripe.invoice.<scope>.<id>`. */
  subject?(change: C): string;
  /** Milliseconds for the stream's answer that it has the message. Default 5,000. */
  timeout?: number;
  /** Messages under way at once, for different resources. Default 64: the order is that of each resource. */
  concurrency?: number;
}

/**
 * Publishes each change to a JetStream, and goes on when the stream has it. While the server is away, everything waits.
 *
 * ```ts
 * const connection = await connect({ servers: "nats://…", maxReconnectAttempts: -1 });
 * nats(sync, { name: "bus", js: jetstream(connection) });
 * ```
 * @throws TypeError for an option that is wrong
 */
export function nats<P extends Providers, Handle, T extends TypeOf<P> = TypeOf<P>>(
  sync: Sync<P, Handle>,
  options: NatsOptions<T, ChangeOf<P, T>>,
): void {
  const { name, js, prefix = "tidemark", timeout = 5_000, concurrency = 64 } = options;
  const what = `nats "${name}"`;
  checkEnvelope(what, options);
  if (!/^[\w-]+(\.[\w-]+)*$/.test(prefix)) {
    throw new TypeError(`${what}: prefix must be words with full stops between them, like "acme.changes"`);
  }
  const { subject = (change) => subjectOf(change, prefix) } = options;
  openOutlet<P, Handle, T>(sync, { ...options, concurrency }, async (change, data) => {
    const { body } = envelopeOf(change, data, options);
    const to = subject(change as never);
    try {
      const publisher = typeof js === "function" ? await js() : js;
      await publisher.publish(to, body, { msgID: changeId(change), timeout });
    } catch (cause) {
      if (refusesChange(cause)) throw cause;
      throw new RetryLater(0, `${what}: the stream did not take a message: ${wordOf(cause)}`, { cause });
    }
  });
}
