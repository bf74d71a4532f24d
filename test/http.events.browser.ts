/**
 * A browser of its own: Node's `EventSource`, which follows the HTML standard, in a process that can be stopped and go on. It
 * tells its parent what comes. The cookie is sent as a browser would; `reconnectionTime` is only quicker than a person's.
 */
import type { Dispatcher, EventSource as Source } from "undici-types";

declare const EventSource: typeof Source;

export interface Ask {
  name: string;
  url: string;
  cookie: string;
}
/** What a source saw; `closed`: it is at an end, and does not come back. */
export interface Heard {
  name: string;
  kind: "open" | "message" | "lost" | "cut" | "closed";
  /** The id of a message, which is the cursor of its change. */
  id?: string;
  /** Of which resource it is said. */
  of?: string;
}

/** The dispatcher of `fetch`, with a cookie. It is there once something was fetched. */
async function carrying(cookie: string): Promise<Dispatcher> {
  await fetch("data:,");
  const fetcher = (globalThis as unknown as Record<symbol, Dispatcher>)[Symbol.for("undici.globalDispatcher.1")];
  if (!fetcher) throw new Error("fetch keeps its dispatcher elsewhere in this Node.js: no cookie can be sent");
  return fetcher.compose((next) => (options, handler) => {
    return next({ ...options, headers: { ...(options.headers as Record<string, string>), cookie } }, handler);
  });
}

process.on("message", async ({ name, url, cookie }: Ask) => {
  const dispatcher = await carrying(cookie);
  const source = new EventSource(url, { node: { reconnectionTime: 20, dispatcher } });
  const tell = (heard: Omit<Heard, "name">) => process.send?.({ name, ...heard });
  source.onopen = () => tell({ kind: "open" });
  source.onmessage = ({ lastEventId, data }) => {
    const { type, scope, id } = JSON.parse(data);
    tell({ kind: "message", id: lastEventId, of: `${type} ${scope}/${id}` });
  };
  source.addEventListener("lost", () => tell({ kind: "lost" }));
  source.onerror = () => tell({ kind: source.readyState === EventSource.CLOSED ? "closed" : "cut" });
});
process.on("disconnect", () => process.exit());
// An EventSource that waits to come back keeps no process alive; the parent does.
process.send?.({ name: "", kind: "open" });
