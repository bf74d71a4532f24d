/** What tests of the Postgres store share. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Row } from "../../src/row.ts";
import type { Entry, Step, Store } from "../../src/store.ts";
import { createGround, type Ground } from "../postgres.ts";

export const ref = (id: string, type = "a.thing") => ({ type, scope: "", id });
export const note = (id: string) => ({
  ...ref(id),
  ...({ version: null, event: null, class: "live", via: "webhook" } as const),
});

/** Records a value once: run on its own result it changes nothing. */
export const record =
  (value: unknown) =>
  (row: Row): Step => {
    const print = String(value);
    if (row.print === print) return { row };
    const draft = { state: JSON.stringify(value), at: 1, via: "sweep", causes: [] } as const;
    return { row: { ...row, present: true, print }, append: [draft] };
  };

/** A pool and a schema that are cleared when the test ends. `later`: before that, the last one first. */
export async function groundFor(
  t: { after(run: () => Promise<void>): void },
  max?: number,
): Promise<Ground & { later(run: () => Promise<unknown>): void }> {
  const ground = await createGround(max);
  const runs: (() => Promise<unknown>)[] = [];
  t.after(async () => {
    for (const run of runs.reverse()) await run();
    await ground.clear();
  });
  return { ...ground, later: (run) => runs.push(run) };
}

/** All of the log, page by page. */
export async function readLog(store: Store, after = 0): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let from = after; ; ) {
    const page = await store.entries({ after: from, limit: 1_000 });
    entries.push(...page);
    if (page.length < 1_000) return entries;
    from = page.at(-1)?.position ?? from;
  }
}

export interface Child {
  output: Promise<string>;
  kill(): void;
  onLine(run: (lines: number) => void): void;
}

/** Runs a file of this folder as a process. `output` resolves when it ended, or was killed by us. */
export function startChild(file: string, args: readonly string[]): Child {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@tidemark/source", "--no-warnings", path, ...args]);
  let [output, errors, killed] = ["", "", false];
  const listeners: ((lines: number) => void)[] = [];
  child.stdout.on("data", (chunk) => {
    output += chunk;
    for (const run of listeners) run(output.split("\n").length - 1);
  });
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const ended = new Promise<string>((resolve, reject) => {
    child.on("close", (code) => (code === 0 || killed ? resolve(output) : reject(new Error(errors))));
  });
  const kill = () => {
    killed = true;
    child.kill("SIGKILL");
  };
  return { output: ended, kill, onLine: (run) => listeners.push(run) };
}
