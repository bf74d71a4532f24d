/**
 * Two services in memory: LiveAPI, which is made up, and a part of WorkOS.
 *
 * WorkOS: a user and an organization, lists, the log of events and its 30 days, statuses and pagination as described at
 * workos.com/docs/reference (user, organization, events, pagination, errors), the signature at workos.com/docs/events/data-syncing/webhooks.
 * Pages are cut to a few rows, as any service may, so that there are several.
 */
import { createHmac } from "node:crypto";
import type { Delivery, Emulator, EmulatorOptions, Truth } from "tidemark/testing";

type Row = { id: string } & Record<string, unknown>;

export const TOKEN = "a token of the service";
const PAGE = 7;
const MONTH = 30 * 86_400_000;

export const signLive = (body: string | Uint8Array, secret: string): Delivery => ({
  headers: { "x-signature": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}` },
  body,
});

/** What both have: rows by type, deliveries to come, access, and who asks. */
abstract class Service implements Emulator {
  protected readonly rows = new Map<string, Map<string, Row>>();
  protected deliveries: (() => Delivery)[] = [];
  protected readonly options: EmulatorOptions;
  private allowed = true;
  private count = 0;

  constructor(options: EmulatorOptions, types: readonly string[]) {
    this.options = options;
    for (const type of types) this.rows.set(type, new Map());
  }

  fetch(request: Request): Response {
    const isOurs = request.headers.get("authorization") === `Bearer ${TOKEN}`;
    if (!isOurs || !this.allowed) return Response.json({ message: "Unauthorized" }, { status: 401 });
    const url = new URL(request.url);
    return this.answer(url) ?? Response.json({ message: "Not Found", code: "entity_not_found" }, { status: 404 });
  }

  sent(): Delivery[] {
    const ready = this.deliveries;
    this.deliveries = [];
    return ready.map((sign) => sign());
  }

  *truth(): Iterable<Truth> {
    for (const [type, rows] of this.rows)
      for (const row of rows.values()) yield { type, scope: "", id: row.id, state: row };
  }

  access(allowed: boolean): void {
    this.allowed = allowed;
  }

  protected nextId(prefix: string): string {
    return `${prefix}_${String(++this.count).padStart(10, "0")}`;
  }

  protected stamp(): string {
    return new Date(this.options.now()).toISOString();
  }

  protected table(type: string): Map<string, Row> {
    return this.rows.get(type) ?? new Map();
  }

  protected some(type: string, random: () => number): Row | undefined {
    const all = [...this.table(type).values()];
    return all[Math.floor(random() * all.length)];
  }

  abstract write(random: () => number): void;
  protected abstract answer(url: URL): Response | undefined;
}

/** Streams begin and end, and some leave a video. Renaming and deleting send nothing. */
export class LiveApi extends Service {
  constructor(options: EmulatorOptions) {
    super(options, ["stream", "video"]);
  }

  write(random: () => number): void {
    const chance = random();
    const stream = this.some("stream", random);
    if (!stream || (chance < 0.3 && this.table("stream").size < 30)) this.start();
    else if (chance < 0.6) this.end(stream, random);
    else if (chance < 0.8) this.put("stream", { ...stream, title: `title ${random()}` });
    else this.remove(random() < 0.5 ? "stream" : "video", random);
  }

  private remove(type: string, random: () => number): void {
    const gone = this.some(type, random);
    if (gone) this.table(type).delete(gone.id);
  }

  private start(): void {
    const stream = { id: this.nextId("str"), title: "a stream", status: "live" };
    this.put("stream", stream);
    this.tell("stream.started", { stream_id: stream.id });
  }

  private end(stream: Row, random: () => number): void {
    this.put("stream", { ...stream, status: "ended" });
    this.tell("stream.ended", { stream_id: stream.id });
    if (random() < 0.4) return;
    const video = { id: this.nextId("vid"), stream_id: stream.id, duration: Math.floor(random() * 1_000) };
    this.put("video", video);
    this.tell("recording.ready", { video_id: video.id, stream_id: stream.id });
  }

  private put(type: string, row: Row): void {
    this.table(type).set(row.id, { ...row, updated_at: this.stamp() });
  }

  private tell(type: string, data: object): void {
    const body = JSON.stringify({ id: this.nextId("evt"), type, created_at: this.stamp(), data });
    this.deliveries.push(() => signLive(body, this.options.secret));
  }

  protected answer({ pathname, searchParams }: URL): Response | undefined {
    const [, type = "", id] = /^\/v1\/(stream|video)s(?:\/([^/]+))?$/.exec(pathname) ?? [];
    if (id !== undefined) {
      const row = this.table(type).get(decodeURIComponent(id));
      return row && Response.json(row);
    }
    if (type === "") return undefined;
    const since = Date.parse(searchParams.get("updated_since") ?? "1970-01-01");
    const after = Buffer.from(searchParams.get("cursor") ?? "", "base64url").toString();
    const found = [...this.table(type).values()].filter(
      (row) => Date.parse(String(row["updated_at"])) >= since && row.id > after,
    );
    const data = found.slice(0, Math.min(PAGE, Number(searchParams.get("limit") ?? PAGE)));
    const more = found.length > data.length;
    const next_cursor = more ? Buffer.from(data.at(-1)?.id ?? "").toString("base64url") : null;
    return Response.json({ data, next_cursor });
  }
}

/** `WorkOS-Signature: t=<ms>, v1=<hex of t.body>` */
export const signWorkOs = (body: string | Uint8Array, secret: string, at: number): Delivery => ({
  headers: {
    "workos-signature": `t=${at}, v1=${createHmac("sha256", secret).update(`${at}.`).update(body).digest("hex")}`,
  },
  body,
});

const PATHS: Readonly<Record<string, string>> = {
  "/user_management/users": "user",
  "/organizations": "organization",
  "/events": "event",
};

/** Users and organizations; each write is an event, in the log for 30 days. */
export class WorkOs extends Service {
  private readonly events: Row[] = [];

  constructor(options: EmulatorOptions) {
    super(options, ["user", "organization"]);
  }

  write(random: () => number): void {
    const type = random() < 0.7 ? "user" : "organization";
    const row = this.some(type, random);
    const chance = random();
    if (!row || (chance < 0.4 && this.table(type).size < 25)) this.create(type, random);
    else if (chance < 0.8) this.update(type, row, random);
    else this.remove(type, row);
  }

  private remove(type: string, row: Row): void {
    this.table(type).delete(row.id);
    this.tell(`${type}.deleted`, row);
  }

  private create(type: string, random: () => number): void {
    const at = this.stamp();
    const user = { email: `${random()}@example.com`, first_name: null, last_name: null, email_verified: false };
    const own = type === "user" ? user : { name: `Acme ${random()}`, domains: [] };
    const id = this.nextId(type === "user" ? "user" : "org");
    const row = { object: type, id, ...own, created_at: at, updated_at: at };
    this.table(type).set(id, row);
    this.tell(`${type}.created`, row);
  }

  private update(type: string, row: Row, random: () => number): void {
    const name = type === "user" ? { first_name: `Name ${random()}` } : { name: `Acme ${random()}` };
    const changed = { ...row, ...name, updated_at: this.stamp() };
    this.table(type).set(row.id, changed);
    this.tell(`${type}.updated`, changed);
  }

  private tell(event: string, data: Row): void {
    const row = { object: "event", id: this.nextId("event"), event, data, created_at: this.stamp() };
    this.events.push(row);
    const body = JSON.stringify(row);
    this.deliveries.push(() => signWorkOs(body, this.options.secret, this.options.now()));
  }

  protected answer({ pathname, searchParams }: URL): Response | undefined {
    const type = PATHS[pathname];
    if (type !== undefined)
      return this.list(type === "event" ? this.logged(searchParams) : [...this.table(type).values()], searchParams);
    const [, parent = "", id = ""] = /^(.*)\/([^/]+)$/.exec(pathname) ?? [];
    const row = this.table(PATHS[parent] ?? "").get(decodeURIComponent(id));
    return row && Response.json(row);
  }

  private logged(query: URLSearchParams): Row[] {
    const names = query.getAll("events[]");
    const from = Math.max(this.options.now() - MONTH, Date.parse(query.get("range_start") ?? "1970-01-01"));
    return this.events.filter(
      (row) => names.includes(String(row["event"])) && Date.parse(String(row["created_at"])) >= from,
    );
  }

  /** In the order of creation; `after` is the id of the last one that was seen. */
  private list(rows: readonly Row[], query: URLSearchParams): Response {
    const isAscending = query.get("order") === "asc";
    const sorted = rows.toSorted((a, b) => (a.id < b.id === isAscending ? -1 : 1));
    const after = query.get("after");
    const begun = after === null ? sorted : sorted.filter(({ id }) => (isAscending ? id > after : id < after));
    const data = begun.slice(0, Math.min(PAGE, Number(query.get("limit") ?? 10)));
    const more = begun.length > data.length;
    return Response.json({
      object: "list",
      data,
      list_metadata: { before: null, after: more ? data.at(-1)?.id : null },
    });
  }
}
