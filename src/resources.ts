/**
 * `resources()`: which resources there are, which wait to be read, and why. By pages, in the order of type, scope and id.
 * @module
 */
import { type Change, causeOf, viaOf } from "./change.ts";
import type { Engine } from "./engine.ts";
import { Misuse } from "./errors.ts";
import type { Cause } from "./provider.ts";
import { type Class, isRef, type Ref, type Row } from "./row.ts";
import { dateOf, type Tick, ticks } from "./time.ts";

/** Which resources. */
export interface ResourcesOptions<Type extends string = string> {
  /**
   * `live`: recorded and not gone; `dirty`: it must be read; `failing`: its last read failed. Left out: all that is known, with
   * what is gone.
   */
  state?: "live" | "dirty" | "failing";
  /** Only this type. */
  type?: Type;
  /** Only this scope. */
  scope?: string;
  /** The `after` of the page before. Left out or null: from the beginning. */
  after?: string | null;
  /** How many at most. Default 100. */
  limit?: number;
}

/** A page of resources. */
export interface ResourcesPage<Type extends string = string> {
  resources: Listed<Type>[];
  /** Asks for the next page; null: this was the last one. */
  after: string | null;
}

/** A resource without its state. */
export interface Listed<Type extends string = string> {
  /** The full name: `"stripe.invoice"`. */
  type: Type;
  scope: string;
  id: string;
  /** By what is recorded it is there; false: it is gone, or was never read. */
  present: boolean;
  /** The log has a change of it, or had one. */
  recorded: boolean;
  /** The read that it waits for; null: none. */
  owed: Owed | null;
}

/** A read that is to be made. */
export interface Owed {
  /** What it is for, and its place in the queue. */
  class: Class;
  /** What asked for it first. */
  via: Change["via"];
  /** When it may begin. */
  due: Date;
  /** Reads in a row that failed, or that contradicted what is recorded. */
  attempts: number;
  /** Why the last one failed, in one line without payload; null: it did not. */
  error: string | null;
  /** It is being read now. */
  reading: boolean;
  /** The provider's events that asked for it, and that no change has named yet, at most 16. */
  causes: Cause[];
}

const LIMIT = 100;

/** @throws Misuse for an `after` that no page gave */
export async function listResources({ store, time }: Engine, options: ResourcesOptions): Promise<ResourcesPage> {
  const { state, type, scope, after = null, limit = LIMIT } = options;
  const rows = await store.rows({
    ...(state && { state }),
    ...(type !== undefined && { type }),
    ...(scope !== undefined && { scope }),
    ...(after !== null && { after: refOf(after) }),
    // One more tells whether there is a page after this one.
    limit: limit + 1,
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const now = ticks(time.now());
  return {
    resources: page.map((row) => listed(row, now)),
    after: rows.length > limit && last ? placeAfter(last) : null,
  };
}

const listed = (row: Row, now: Tick): Listed => {
  const { type, scope, id, present, position } = row;
  return { type, scope, id, present, recorded: position !== null, owed: owedOf(row, now) };
};

function owedOf({ due, class: cls, via, attempts, error, lease, causes }: Row, now: Tick): Owed | null {
  if (due === null || cls === null || via === null) return null;
  return {
    ...{ class: cls, via: viaOf(via), due: dateOf(due), attempts, error },
    reading: lease !== null && lease > now,
    causes: causes.filter(({ used }) => !used).map(causeOf),
  };
}

/** Opaque, and fit for a URL. */
const placeAfter = ({ type, scope, id }: Ref): string =>
  Buffer.from(JSON.stringify([type, scope, id])).toString("base64url");

function refOf(after: string): Ref {
  try {
    const [type, scope, id] = JSON.parse(Buffer.from(after, "base64url").toString());
    if (isRef({ type, scope, id })) return { type, scope, id };
  } catch {
    // What is no JSON is no place either.
  }
  throw new Misuse("resources: after must be what the page before answered, or null");
}
