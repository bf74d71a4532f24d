/** A server and a browser, each a process of its own, and what a test can do to them. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Ask, Heard } from "./http.events.browser.ts";
import type { Told, Word } from "./http.events.server.ts";

export interface Context {
  after(run: () => unknown): void;
}

/** Milliseconds in which something comes, if anything does. */
const SILENT = 10_000;

const start = (program: URL, args: readonly string[], flag: string): ChildProcess =>
  fork(program, args, { execArgv: [...process.execArgv, "--no-warnings", flag] });
const SERVER = new URL("http.events.server.ts", import.meta.url);
const BROWSER = new URL("http.events.browser.ts", import.meta.url);

/** Resolves to what a process says next; rejects if it ends instead. */
const said = async <T>(child: ChildProcess): Promise<T> => {
  const ended = new AbortController();
  const exit = once(child, "exit", ended).then(([code, signal]) => {
    throw new Error(`the process ended with ${code ?? signal}`);
  });
  exit.catch(() => {});
  const [told] = await Promise.race([once(child, "message"), exit]);
  ended.abort();
  return told as T;
};

const kill = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
};

/**
 * A server on the store in a file. It is killed with -9, and started again on the same port.
 *
 * @param program another one that takes the same arguments, and those in `more`
 */
export async function openServer(t: Context, file: string, program = SERVER, more: readonly string[] = []) {
  const begin = (port: number) => start(program, [file, `${port}`, ...more], "--expose-gc");
  let child = begin(0);
  t.after(() => kill(child));
  const { port = 0 } = await said<Told>(child);
  return {
    url: `http://127.0.0.1:${port}`,
    ask(word: Word): Promise<Told> {
      const answer = said<Told>(child);
      child.send(word);
      return answer;
    },
    kill: () => kill(child),
    async start() {
      child = begin(port);
      await said(child);
    },
  };
}

/** What a source of the browser saw so far. */
export interface Seen {
  /** The ids of messages, in the order in which they came. */
  ids: string[];
  /** Of which resources they were, once each. */
  of: Set<string>;
  cuts: number;
  lost: boolean;
  open: boolean;
  closed: boolean;
}

export async function openBrowser(t: Context) {
  const child = start(BROWSER, [], "--experimental-eventsource");
  t.after(() => kill(child));
  await said(child);
  const sources = new Map<string, Seen>();
  const heard = new Set<() => void>();
  child.on("message", ({ name, kind, id = "", of = "" }: Heard) => {
    const seen = sources.get(name);
    if (!seen) return;
    if (kind === "message") {
      seen.ids.push(id);
      seen.of.add(of);
    } else if (kind === "cut") seen.cuts++;
    else seen[kind] = true;
    for (const hear of heard) hear();
  });
  /** Resolves when what is said of the sources holds; rejects when they say nothing any more, and it does not. */
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const silent = setTimeout(() => {
        const so = [...sources].map(([name, { ids, closed }]) => `${name} ${ids.length}${closed ? " closed" : ""}`);
        reject(new Error(`the browser says nothing any more: ${so.join(", ")}`));
      }, SILENT);
      const hear = () => {
        silent.refresh();
        if (!holds()) return;
        clearTimeout(silent);
        heard.delete(hear);
        resolve();
      };
      heard.add(hear);
      hear();
    });
  return {
    until,
    /** A source under a name. Resolves when it is open, or refused. */
    async open(name: string, url: string, cookie: string): Promise<Seen> {
      const seen: Seen = { ids: [], of: new Set(), cuts: 0, lost: false, open: false, closed: false };
      sources.set(name, seen);
      child.send({ name, url, cookie } satisfies Ask);
      await until(() => seen.open || seen.closed);
      return seen;
    },
    /** It reads nothing any more, as a laptop that is shut; its connections stay. */
    freeze: () => child.kill("SIGSTOP"),
    thaw: () => child.kill("SIGCONT"),
  };
}
