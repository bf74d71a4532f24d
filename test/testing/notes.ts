/** A small service that keeps notes in notebooks, as an emulator, and its provider. */
import { createHmac } from "node:crypto";
import { gone, type Provider, WebhookRejected } from "tidemark";
import { type Answer, createClient, parseJson, path } from "tidemark/client";
import type { Delivery, Emulator, EmulatorOptions, Payload, ProviderOptions, Samples } from "tidemark/testing";
import { currentSecrets, verifyHmac } from "tidemark/verify";

export const ORIGIN = "https://notes.example";
export type Note = { id: string; text: string; revision: number; read_at: number };
export type Notes = { note: Note };
const TOLERANCE = 300_000;

/** The provider. */
export function notes({ secrets, fetch }: ProviderOptions): Provider<Notes> {
  const current = currentSecrets(secrets, "notes({ secrets })");
  const client = createClient({ name: "Notes", url: ORIGIN, headers: { authorization: "Bearer token" }, fetch });
  return {
    async webhook({ headers, body, now, scope }) {
      const time = headers.get("x-time") ?? "";
      const known = await current(scope);
      if (!/^\d{1,15}$/.test(time) || Math.abs(now - Number(time)) > TOLERANCE) throw new WebhookRejected("bad time");
      if (!verifyHmac(known, [`${time}.`, body], headers.get("x-signature") ?? "")) throw new WebhookRejected("forged");
      const { event, name, note } = parseJson(body) as { event: unknown; name: unknown; note: unknown };
      if (typeof event !== "string" || event === "" || typeof name !== "string") throw new TypeError("no event");
      if (!name.startsWith("note.")) return [];
      const id = idOf(note);
      return [{ type: "note", ...(id !== undefined && { id }), event: { id: event, name } }];
    },
    feeds: {
      changes: {
        types: ["note"],
        async poll(cursor, context) {
          const after = cursor ?? "0";
          const { body } = await client.get("changes", context, { query: { after } });
          const { changes } = body as { changes: { number: number; note: string }[] };
          const hints = changes.map(({ note, number }) => ({
            ...{ type: "note" as const, id: note },
            event: { id: `e${number}`, name: "note.changed" },
          }));
          return { hints, cursor: String(changes.at(-1)?.number ?? after) };
        },
      },
    },
    resources: {
      note: {
        async fetch(id, context) {
          const answer = await client.get(path`notes/${id}`, context, { allow: [404, 410] });
          if (answer.status === 410) return gone;
          if (answer.status === 404) return null;
          return noteOf(answer, id);
        },
        async fetchMany(ids, context) {
          const answer = await client.get("notes", context, { query: { id: ids } });
          const found = notesOf(answer);
          return ids.map((id) => found.find((note) => note.id === id) ?? null);
        },
        async list(page, context) {
          const items = notesOf(await client.get("notes", context, { query: { after: page ?? "" } }));
          return { items, next: items.at(-1)?.id ?? null };
        },
        id: ({ id }) => id,
        version: ({ revision }) => revision,
        versionKind: "strict",
        volatile: ["read_at"],
      },
    },
  };
}

/** A number that JSON could not hold comes as text. */
function idOf(id: unknown): string | undefined {
  if (id === undefined) return undefined;
  if ((typeof id === "number" && Number.isSafeInteger(id)) || (typeof id === "string" && id !== "")) return String(id);
  throw new TypeError("a note's id is a number");
}

function noteOf({ body }: Answer, id: string): Note {
  const note = body as Note | null;
  if (note?.id !== id || typeof note.revision !== "number") throw new TypeError("another note");
  return note;
}

function notesOf({ body }: Answer): Note[] {
  if (!Array.isArray(body)) throw new TypeError("no list of notes");
  return body;
}

/** Signs as the service does. */
export function sign({ body, headers }: Pick<Payload, "body" | "headers">, secret: string, at: number): Delivery {
  const signature = createHmac("sha256", secret).update(`${at}.`).update(body).digest("hex");
  return { body, headers: { ...headers, "x-time": String(at), "x-signature": signature } };
}

const PAGE = 5;

/** The service. It notes what was changed, and forgets nothing. */
export function emulator({ now, secret }: EmulatorOptions): Emulator {
  const all = new Map<string, Note>();
  const dead = new Set<string>();
  const changes: { number: number; note: string }[] = [];
  const outbox: Delivery[] = [];
  let readable = true;
  let last = 0;
  const show = (note: Note): Note => ({ ...note, read_at: now() });

  function answer(url: URL): Response {
    if (!readable) return Response.json({ error: "revoked" }, { status: 401 });
    if (url.pathname === "/changes") {
      const after = Number(url.searchParams.get("after"));
      return Response.json({ changes: changes.filter(({ number }) => number > after) });
    }
    if (url.pathname === "/notes") {
      const ids = url.searchParams.getAll("id");
      if (ids.length > 0) return Response.json([...all.values()].filter(({ id }) => ids.includes(id)).map(show));
      const after = Number(url.searchParams.get("after"));
      return Response.json(
        [...all.values()]
          .filter(({ id }) => Number(id) > after)
          .slice(0, PAGE)
          .map(show),
      );
    }
    const id = decodeURIComponent(url.pathname.slice("/notes/".length));
    const note = all.get(id);
    if (note) return Response.json(show(note));
    return Response.json({ error: "no note" }, { status: dead.has(id) && Number(id) % 2 === 0 ? 410 : 404 });
  }

  function changed(id: string, name: string): void {
    changes.push({ number: changes.length + 1, note: id });
    const body = JSON.stringify({ event: `e${changes.length}`, name, note: Number(id) });
    outbox.push(sign({ body }, secret, now()));
  }

  return {
    fetch: (request) => answer(new URL(request.url)),
    write(random) {
      const ids = [...all.keys()];
      const id = ids[Math.floor(random() * ids.length)];
      const what = random();
      if (id === undefined || what < 0.4) {
        const note = { id: String(++last), text: `text ${random()}`, revision: 1, read_at: 0 };
        all.set(note.id, note);
        return changed(note.id, "note.created");
      }
      const note = all.get(id);
      if (what < 0.7 && note) {
        all.set(id, { ...note, text: `text ${random()}`, revision: note.revision + 1 });
        return changed(id, "note.changed");
      }
      all.delete(id);
      dead.add(id);
      changed(id, "note.deleted");
    },
    sent: () => outbox.splice(0),
    truth: () => [...all.keys()].map((id) => ({ type: "note", scope: "", id })),
    access(allowed) {
      readable = allowed;
    },
  };
}

const payload = (name: string, more: object) => JSON.stringify({ event: "e1", name, ...more });

/** What proves it. */
export const samples: Samples = {
  provider: notes,
  webhooks: {
    secrets: ["a secret of twenty four", "another one of those"],
    ...{ sign, headers: ["x-time", "x-signature"], covers: "bytes", tolerance: TOLERANCE },
    payloads: [
      { name: "note.changed", body: payload("note.changed", { note: 7007 }), hints: [{ type: "note", id: "7007" }] },
      { name: "note.sorted", body: payload("note.sorted", {}), hints: [{ type: "note" }] },
      { name: "team.changed", body: payload("team.changed", { team: 7 }), hints: "ignored" },
    ],
  },
  api: { origins: [ORIGIN], emulator },
};
