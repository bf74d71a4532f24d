/**
 * An application's own service that keeps notes, for providers that say how webhooks are signed and leave the reading to
 * the application: how such an application reads it, and an emulator of it.
 */
import type { Resource } from "tidemark";
import { createClient, type Fetch, path } from "tidemark/client";
import type { Delivery, Emulator, EmulatorOptions } from "tidemark/testing";

export type Note = { id: string; text: string; revision: number };
/** What the service tells of a write. */
export type NoteEvent = { id: string; name: string; note: string; at: number };

export const ORIGIN = "https://notes.example.com";
const PAGE = 7;

/** How an application reads notes. */
export function noteResource(fetch: Fetch): Resource<Note, "note"> {
  const client = createClient({ name: "notes", url: `${ORIGIN}/v1/`, headers: { authorization: "Bearer t" }, fetch });
  return {
    async fetch(id, context) {
      const { status, body } = await client.get(path`notes/${id}`, context, { allow: [404] });
      if (status === 404) return null;
      const note = body as Note | undefined;
      if (note?.id !== id) throw new Error("notes answers something else than the note");
      return note;
    },
    async list(page, context) {
      const { body } = await client.get("notes", context, { query: { after: page ?? "" } });
      const { items, next } = (body ?? {}) as { items?: Note[]; next?: string | null };
      if (!Array.isArray(items)) throw new Error("notes answers no list");
      return { items, next: next ?? null };
    },
    id: (note) => note.id,
    version: (note) => note.revision,
    versionKind: "strict",
  };
}

/** The service. `deliver` makes webhooks of what it tells, one or several for each event. */
export function emulateNotes(
  { now }: Pick<EmulatorOptions, "now">,
  deliver: (event: NoteEvent, at: number) => readonly Delivery[],
): Emulator {
  const notes = new Map<string, Note>();
  let events: NoteEvent[] = [];
  let allowed = true;
  let writes = 0;

  const answer = ({ pathname, searchParams }: URL): Response => {
    if (!allowed) return Response.json({ error: "revoked" }, { status: 401 });
    const [, version, kind, id] = pathname.split("/");
    if (version !== "v1" || kind !== "notes") return Response.json({ error: "no such path" }, { status: 400 });
    if (id !== undefined) {
      const note = notes.get(decodeURIComponent(id));
      return note ? Response.json(note) : Response.json({ error: "no such note" }, { status: 404 });
    }
    const after = searchParams.get("after") ?? "";
    const rest = [...notes.values()].filter((note) => note.id > after).sort((a, b) => (a.id < b.id ? -1 : 1));
    const items = rest.slice(0, PAGE);
    return Response.json({ items, next: rest.length > PAGE ? items.at(-1)?.id : null });
  };

  return {
    fetch: (request) => answer(new URL(request.url)),
    write(random) {
      writes++;
      const ids = [...notes.keys()];
      const what =
        notes.size === 0 || (random() < 0.3 && notes.size < 30) ? "created" : random() < 0.7 ? "updated" : "deleted";
      const id = what === "created" ? `n${writes}` : (ids[Math.floor(random() * ids.length)] ?? "");
      if (what === "deleted") notes.delete(id);
      else notes.set(id, { id, text: `text ${Math.floor(random() * 1e6)}`, revision: writes });
      events.push({ id: `event-${writes}`, name: `note.${what}`, note: id, at: now() });
    },
    sent() {
      const deliveries = events.flatMap((event) => deliver(event, now()));
      events = [];
      return deliveries;
    },
    truth: () => [...notes.values()].map((note) => ({ type: "note", scope: "", id: note.id, state: note })),
    access(given) {
      allowed = given;
    },
  };
}
