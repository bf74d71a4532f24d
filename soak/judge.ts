/**
 * Follows the log over HTTP, as a mirror elsewhere would, through every death of the engine, and judges what it is told: no
 * position left out or twice, no older version after a newer one, and in the end what is.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Change } from "tidemark";
import type { Thing } from "./thing.ts";

export interface Judge {
  /** What was wrong, a sentence each; the first of many. */
  violations: readonly string[];
  /** The version of each thing, as it was told last. */
  versions: ReadonlyMap<string, number>;
  /** Changes so far, and how long after its write each came since this was asked last, in ms. */
  take(): { changes: number; lateness: number[] };
  stop(): Promise<void>;
}

/** Milliseconds from one look at the end of the log to the next, and until one that is away is asked again. */
const LOOK = 50;
const MOST = 20;

export function createJudge(engine: string, token: string): Judge {
  const versions = new Map<string, number>();
  const violations: string[] = [];
  const controller = new AbortController();
  let cursor: string | null = null;
  let position = 0;
  let changes = 0;
  let lateness: number[] = [];
  const accuse = (sentence: string) => void (violations.length < MOST && violations.push(sentence));

  function see({ cursor: at, id, after }: Change<string, Thing>): void {
    const next = Number(at.split(".")[1]);
    if (position !== 0 && next !== position + 1) accuse(`position ${next} came after ${position}`);
    position = next;
    changes++;
    const [before, version] = [versions.get(id) ?? 0, after?.version ?? 0];
    if (version <= before) accuse(`${id}: ${after ? `version ${version}` : "a deletion"} came after version ${before}`);
    versions.set(id, version);
    lateness.push(Date.now() - (after?.at ?? 0));
  }

  async function look(): Promise<boolean> {
    const query = new URLSearchParams({ limit: "1000", ...(cursor !== null && { after: cursor }) });
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${engine}/changes?${query}`, { headers, signal: controller.signal });
    if (answer.status < 500 && !answer.ok) accuse(`/changes answered ${answer.status}`);
    if (!answer.ok) return false;
    const page = (await answer.json()) as { changes: Change<string, Thing>[]; cursor: string | null; more: boolean };
    for (const change of page.changes) see(change);
    cursor = page.cursor;
    return page.more;
  }

  async function follow(): Promise<void> {
    while (!controller.signal.aborted) {
      const more = await look().catch(() => false);
      if (!more) await pause(LOOK, undefined, { signal: controller.signal }).catch(() => {});
    }
  }
  const followed = follow();
  return {
    violations,
    versions,
    take() {
      const taken = { changes, lateness };
      lateness = [];
      return taken;
    },
    async stop() {
      controller.abort();
      await followed;
    },
  };
}
