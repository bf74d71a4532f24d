/**
 * What the store needs of `pg`, by shape, and how it asks: nothing of `pg` is imported.
 * @module
 */
import { hash } from "node:crypto";
import type { Time } from "../../time.ts";

/** A pool as `pg` has it. */
export interface PostgresPool {
  /** A client of its own, until it is released. */
  connect(): Promise<PostgresClient>;
  /** Tells of idle clients whose connection broke: without a listener that ends the process. */
  on?: {
    (event: "error", run: (error: Error) => void): unknown;
    (event: "connect", run: (client: PostgresClient) => void): unknown;
  };
  /** Ends what `on` began. */
  removeListener?(event: "error", run: (error: Error) => void): unknown;
  /** How many clients it gives at once. */
  options?: { max?: number | undefined };
}

/** A client of the pool. */
export interface PostgresClient {
  /** Sends one statement; several, without values, as one text. */
  query(question: Question | string, values?: unknown[]): Promise<Result>;
  /** Gives it back; with an error, or `true`, it is closed. */
  release(error?: Error | boolean): void;
  /** Tells of a connection that broke or ended, and of notifications. */
  on(event: "error" | "end" | "notification", run: (...what: unknown[]) => void): unknown;
  /** Ends what `on` began. */
  removeListener(event: "error" | "end" | "notification", run: (...what: unknown[]) => void): unknown;
}

/** What `pg` answers to a query. */
export interface Result {
  rows: Record<string, unknown>[];
  rowCount: number | null;
}

/** A query as `pg` takes it. */
export interface Question {
  text: string;
  /** Of a statement that the connection prepares once. */
  name?: string;
  values?: unknown[];
  types?: { getTypeParser(oid: number, format?: string): (value: string) => unknown };
}

/** A row of an answer: each value as the text that the server sent, whatever parsers the application has set. */
export type Columns = Record<string, string | null>;

export interface Answer {
  rows: Columns[];
  rowCount: number | null;
}

const asText = { getTypeParser: () => (value: string) => value };

/**
 * A statement's name is of no other statement, in any process. Behind a pooler a connection may meet what another process
 * prepared on the same server: numbered names would run that one's statement with our values.
 */
const names = new Map<string, string>();

function nameOf(text: string): string {
  const known = names.get(text) ?? `tidemark_${hash("sha256", text, "base64url").slice(0, 22)}`;
  names.set(text, known);
  return known;
}

/** Pools, and their clients, behind a pooler that does not keep what a connection prepared. */
const forgetful = new WeakSet<object>();
/** What such a pooler's servers say: there is no prepared statement of that name, or there is one already. */
const FORGOTTEN: readonly unknown[] = ["26000", "42P05"];

/** One statement with parameters. It is prepared, because to plan one that saves rows takes longer than to run it. */
export async function ask(client: PostgresClient, text: string, values: unknown[] = []): Promise<Answer> {
  const question: Question = { text, values, types: asText };
  if (values.length > 0 && !forgetful.has(client)) question.name = nameOf(text);
  return (await client.query(question)) as unknown as Answer;
}

/** One statement that is planned each time, for the tables as they are then. */
export const askAnew = async (client: PostgresClient, text: string, values: unknown[] = []): Promise<Answer> =>
  (await client.query({ text, values, types: asText })) as unknown as Answer;

/** Several statements in one round trip, without parameters: an answer for each. */
export async function askAll(client: PostgresClient, statements: readonly string[]): Promise<Answer[]> {
  const answers = await client.query({ text: statements.join("; "), types: asText });
  return (Array.isArray(answers) ? answers : [answers]) as unknown as Answer[];
}

/** Milliseconds after which a client that does not answer is given up: longer than the server's own limits. */
const SILENT = 60_000;

/** Runs something on a client of the pool. What throws leaves a client behind that is not used again. */
export async function withClient<T>(
  pool: PostgresPool,
  time: Time,
  run: (client: PostgresClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  if (forgetful.has(pool)) forgetful.add(client);
  let held = true;
  const release = (error?: Error | boolean) => {
    if (!held) return;
    held = false;
    // One that is closed may still tell why; one that goes back has the pool's own listener.
    if (!error) client.removeListener("error", ignore);
    client.release(error);
  };
  // A connection that breaks between two queries tells so here only, and without a listener ends the process.
  client.on("error", ignore);
  const cancel = time.after(SILENT, () => release(new Error("the server does not answer")));
  try {
    const value = await run(client);
    release();
    return value;
  } catch (error) {
    if (error instanceof Error && "code" in error && FORGOTTEN.includes(error.code)) forgetful.add(pool);
    release(true);
    throw error;
  } finally {
    cancel();
  }
}

export const ignore = (): void => {};

/** What breaks on a pool is met by whoever asks next; with nobody to hear it, it would end the process. */
export function attend(pool: PostgresPool): void {
  pool.on?.("error", ignore);
  // One that the server ends as it opens it, or while the process is frozen, tells so before its user can listen.
  pool.on?.("connect", (client) => void client.on("error", ignore));
}
