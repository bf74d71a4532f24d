/**
 * The errors of Tidemark: one for each thing a caller or a plugin can act on.
 *
 * Plugins throw the first four, handlers `RetryLater` and `TargetGone`; the application meets `CursorLost`.
 * @module
 */

/** What every Tidemark error may be given besides its message. */
export interface ErrorDetails {
  /** The error that led to this one. */
  cause?: unknown;
}

/** A webhook whose signature does not hold, or that belongs to another scope. Answered with 401; nothing is saved. */
export class WebhookRejected extends Error {
  override readonly name = "WebhookRejected";
}

/**
 * The provider asked us to wait: for `ms` milliseconds nothing is asked. Not a failure, so nothing backs off.
 *
 * Thrown by a handler: its target is down, or asks to wait. The whole subscription stands still, at least so long and
 * longer each time, and then the same change is tried again. Nothing is parked.
 */
export class RetryLater extends Error {
  override readonly name = "RetryLater";
  /** How long to wait, in milliseconds, from now: at least 0, at most an hour. */
  readonly ms: number;
  /** It was no limit that it asked for, so the scope rests alone, and later calls are as many a second as before. */
  readonly busy: boolean;

  /**
   * @param ms milliseconds to wait; what is negative or not a number becomes one minute, more than an hour an hour
   * @param details `busy`: the provider is down, or busy with just this. Default: a limit. Then the whole credential rests,
   *   and goes on more slowly
   */
  constructor(ms: number, message?: string, { busy = false, ...details }: ErrorDetails & { busy?: boolean } = {}) {
    const wait = ms >= 0 ? Math.min(ms, HOUR) : MINUTE;
    super(message ?? `the provider asks to wait ${Math.ceil(wait / 1000)} s`, details);
    this.ms = wait;
    this.busy = busy;
  }
}

/** This type of the scope cannot be read with this credential. Nothing is deleted; health says so until it works again. */
export class AccessLost extends Error {
  override readonly name = "AccessLost";
}

/** This one resource cannot be seen though others of its type can. What is recorded of it stays as it is. */
export class Hidden extends Error {
  override readonly name = "Hidden";
}

/**
 * The cursor belongs to another log, to one that was rolled back, or to a part of it that was compacted.
 * What was seen until then is still true; start again from `null` to see every live resource once more.
 */
export class CursorLost extends Error {
  override readonly name = "CursorLost";
  /** The log is another one, or was rolled back, to a backup perhaps: what is recorded may be older than what was seen. */
  readonly rolledBack: boolean;

  constructor(message: string, { rolledBack = false, ...details }: ErrorDetails & { rolledBack?: boolean } = {}) {
    super(message, details);
    this.rolledBack = rolledBack;
  }
}

/**
 * Thrown by a handler: its target wants nothing any more. The whole subscription stands still, also after a restart, until
 * a person says `retry`. Nothing is parked, and nothing is left out.
 */
export class TargetGone extends Error {
  override readonly name = "TargetGone";
}

/** A plugin did not answer in time. What it was doing is a failed read, repeated with backoff. */
export class CallTimeout extends Error {
  override readonly name = "TimeoutError";
}

/** The budget of a credential lets no call begin in time: what was to be done is done when it does. Not a failure. */
export class BudgetSpent extends Error {
  override readonly name = "BudgetSpent";
  /** When it is worth trying again, in milliseconds from now. */
  readonly ms: number;

  constructor(ms: number) {
    super(`the budget of its credential is used up for ${Math.ceil(ms / 1_000)} s: health().budgets says why`);
    this.ms = ms;
  }
}

/** A plugin answered what it must not: a mistake in it, or something between us and the provider that answers for it. */
export class PluginError extends Error {
  override readonly name = "PluginError";
}

/** The store could not be read or written. The message says why and what to do. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

/** A handler did with its transaction what it must not: it is undone, and the change is handled again when it may. */
export class HandlerError extends Error {
  override readonly name = "HandlerError";
}

/**
 * Something was asked for that there is not, or that may not be now: a type, a scope, a limit, a sweep of what is paused. To
 * the application it is the `TypeError` that it extends; to the handler over HTTP it is one whose message may be shown.
 */
export class Misuse extends TypeError {
  override readonly name = "TypeError";
}

const MINUTE = 60_000;
const HOUR = 3_600_000;
// By class, not by name: other packages have a `TimeoutError` too, and its message may quote a URL with a token.
const OWN = [
  WebhookRejected,
  RetryLater,
  AccessLost,
  Hidden,
  CursorLost,
  TargetGone,
  StoreError,
  CallTimeout,
  BudgetSpent,
  PluginError,
  HandlerError,
];

/**
 * An error in one line that is safe to store and to show: our own messages whole, of foreign ones only name, code and
 * HTTP status, because an SDK's message may quote a payload, a URL with a token, or an id.
 */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return "something that is not an Error was thrown";
  if (OWN.some((kind) => error instanceof kind)) {
    return `${error.name}: ${error.message}`.replace(/[\s\p{Cc}]+/gu, " ").slice(0, 500);
  }
  const { code, status, statusCode } = error as { code?: unknown; status?: unknown; statusCode?: unknown };
  const parts = [word(error.name) ?? "Error", word(code), word(status ?? statusCode)].filter(
    (part) => part !== undefined,
  );
  return parts.join(" ");
}

const word = (value: unknown): string | undefined =>
  (typeof value === "string" && /^[\w.-]{1,64}$/.test(value)) || typeof value === "number" ? String(value) : undefined;
