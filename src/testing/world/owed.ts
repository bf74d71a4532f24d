/** What is still missing before an application knows what is. */
import { isDeepStrictEqual } from "node:util";
import type { Ref, Row } from "../../row.ts";
import type { Store } from "../../store.ts";
import { parentOf, type Service } from "./service.ts";

/** What is looked at. */
export interface Look {
  store: Store;
  service: Service;
  types: readonly string[];
  scopes: readonly string[];
  /** The parent's type of those that are listed within another. */
  within: ReadonlyMap<string, string | undefined>;
  volatile: readonly string[];
}

/** More than these say no more. */
const ENOUGH = 3;

const nameOf = ({ type, scope, id }: Ref) => `${type} ${scope === "" ? "" : `${scope} `}${id}`;
const keyOf = ({ type, scope, id }: Ref) => JSON.stringify([type, scope, id]);

/**
 * What the log does not say yet, a sentence each, the first few; [] when it says what is. That something is to be read
 * again is no matter: frequent sweeps always have something read.
 */
export async function owed({ store, service, types, scopes, within, volatile }: Look): Promise<string[]> {
  const rows = new Map((await allRows(store)).map((row) => [keyOf(row), row]));
  const found: string[] = [];
  for (const ref of types.flatMap((type) => scopes.flatMap((scope) => service.all(type, scope)))) {
    if (found.length === ENOUGH) break;
    const row = rows.get(keyOf(ref));
    const told = row?.present ? await newest(store, ref) : null;
    const { state } = service.newest(ref);
    // What outlives what it was within, and was not seen before, is listed nowhere.
    const parent = within.get(ref.type);
    if (told === null && parent && service.newest({ ...ref, type: parent, id: parentOf(ref.id) }).state === null)
      continue;
    const wrong = difference(told, state, volatile);
    if (wrong) found.push(`${nameOf(ref)} ${wrong}${row?.error ? `: ${row.error}` : ""}`);
  }
  return found;
}

function difference(told: object | null, state: object | null, volatile: readonly string[]): string | undefined {
  if (told === null || state === null) {
    if (told === state) return undefined;
    return `is ${state === null ? "gone" : "there"}, and the log does not say so`;
  }
  return same(told, state, volatile) ? undefined : "is not what the log says";
}

async function allRows(store: Store): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after: Ref | undefined; ; after = rows.at(-1)) {
    const page = await store.rows({ limit: 10_000, ...(after && { after }) });
    rows.push(...page);
    if (page.length < 10_000) return rows;
  }
}

async function newest(store: Store, ref: Ref): Promise<object | null> {
  const [entry] = await store.entries({ after: 0, limit: 1, ref, newest: true });
  return entry?.state ? JSON.parse(entry.state) : null;
}

/** Equal but for the fields that differ on every read. */
function same(one: object, other: object, volatile: readonly string[]): boolean {
  const fixed = (state: object) => Object.entries(state).filter(([field]) => !volatile.includes(field));
  return isDeepStrictEqual(Object.fromEntries(fixed(one)), Object.fromEntries(fixed(other)));
}
