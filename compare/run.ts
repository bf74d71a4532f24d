/**
 * Runs a case against a subject, and says what came of it.
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Case } from "./case.ts";
import { createClock, useAsDate } from "./clock.ts";
import { Scene } from "./scene.ts";
import type { Subject } from "./subject.ts";

export interface Result {
  case: Case;
  subject: Subject;
  /** `none`: it is not its task. */
  verdict: "right" | "wrong" | "none";
  /** What was seen; why it is not its task; a remark. Empty: nothing to say. */
  why: string;
  /** How many requests the service was asked, without what a process asks for first of all. */
  requests: number;
}

export interface RunOptions {
  database?: string | undefined;
  /** Milliseconds for which the service waits for an answer to a webhook. Default 10,000, as at GitHub. */
  patience?: number;
  /** Whether the whole process sees the time of the case as its `Date`. Default false. */
  shared?: boolean;
}

const LACKS = {
  webhooks: "takes no webhooks",
  reads: "reads nothing",
  looks: "never looks by itself",
} as const;
/** Milliseconds after which a case hangs. */
const HANGS = 60_000;

/** Why a case is not a subject's task; undefined: it is. */
export function excuseOf({ on, needs }: Case, { dialect, does }: Subject): string | undefined {
  if (on !== undefined && on !== dialect.name) return `not at ${dialect.name === "stripe" ? "Stripe" : "GitHub"}`;
  return does.includes(needs) ? undefined : LACKS[needs];
}

/** @throws Error if the hard step of the case was not reached, or it hangs */
export async function runCase(one: Case, subject: Subject, options: RunOptions = {}): Promise<Result> {
  const excuse = excuseOf(one, subject);
  if (excuse !== undefined) return { case: one, subject, verdict: "none", why: excuse, requests: 0 };
  const { database, patience = 10_000, shared = false } = options;
  const clock = createClock();
  const folder = mkdtempSync(join(tmpdir(), "tidemark-compare-"));
  const end = shared ? useAsDate(clock) : () => {};
  const scene = new Scene({ subject, clock, folder, database, patience });
  try {
    await scene.service.listen();
    if (database !== undefined) await subject.clear?.(database);
    const seen = await within(one.run(scene), `${one.id} hangs for ${subject.name}`);
    const verdict = seen === undefined ? "right" : "wrong";
    const why = seen ?? subject.remarks?.[one.needs] ?? "";
    return { case: one, subject, verdict, why, requests: scene.service.asked.length };
  } catch (error) {
    throw new Error(`The case ${one.id} could not be run for ${subject.name}`, { cause: error });
  } finally {
    await scene.close();
    end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const hung = Promise.withResolvers<never>();
  const timer = setTimeout(() => hung.reject(new Error(what)), HANGS);
  return Promise.race([promise, hung.promise]).finally(() => clearTimeout(timer));
}
