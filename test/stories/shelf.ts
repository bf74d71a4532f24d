/**
 * A service of things. Each state has a number of its own, so that order can be seen; what an answer shows, and when it
 * comes, is the test's.
 */
import { type Context, type Gone, gone, type Hint, type Provider, WebhookRejected } from "tidemark";

export interface Thing {
  id: string;
  n: number;
}

/** How states are stamped. `tied`: by a second that is the same for all; `none`: not at all. */
export type Versions = "strict" | "tied" | "none";
export const VERSIONS: readonly Versions[] = ["strict", "tied", "none"];

/** A request of the API. `about`: the id of a fetch, the scope of a list, a poll and a probe. */
export interface Call {
  what: "fetch" | "list" | "poll" | "probe";
  about: string;
}

export interface ShelfOptions {
  versions?: Versions;
  /** Ms that a read may be behind, as the provider declares it. */
  lag?: { fetch: number; list: number };
  scopes?: readonly string[];
  /** Things on a page of the list; 0: there is no list. */
  page?: number;
  /** There is a feed that names everything that was written, a page of so many hints at a time. */
  feed?: number;
}

/** What a write is told by: a webhook, or the feed. */
export type Told = Hint<"thing"> & { id: string };

export class Shelf {
  readonly calls: Call[] = [];
  /** All that was written, the oldest first. */
  readonly told: Told[] = [];
  readonly #histories = new Map<string, (number | null)[]>();
  readonly provider: Provider<{ thing: Thing }>;
  #count = 0;

  /** Awaited before the API looks at what there is, and before its answer leaves. Each may throw. */
  before: (call: Call) => unknown = () => {};
  after: (call: Call) => unknown = () => {};
  /** What the API answers to a fetch; what a list shows before it is cut into pages. */
  show: (id: string) => Thing | null | Gone = (id) => this.now(id) ?? gone;
  shown: (scope: string) => Thing[] = (scope) => this.all(scope);

  constructor({
    versions = "strict",
    lag = { fetch: 0, list: 0 },
    scopes = [""],
    page = 100,
    feed = 0,
  }: ShelfOptions = {}) {
    const list = (at: string | null, { scope }: Context) =>
      this.#ask({ what: "list", about: scope }, () => {
        const rest = this.shown(scope).filter(({ id }) => id > (at ?? ""));
        const items = rest.slice(0, page);
        return { items, next: rest.length > page ? (items.at(-1)?.id ?? null) : null };
      });
    const poll = (cursor: string | null, { scope }: Context) =>
      this.#ask({ what: "poll", about: scope }, () => {
        const end = Math.min(Number(cursor ?? this.told.length) + feed, this.told.length);
        const hints = this.told.slice(Number(cursor ?? end), end).filter((hint) => hint.scope === scope);
        return { hints, cursor: String(end) };
      });
    this.provider = {
      limits: { rate: 1_000_000 },
      scopes: () => scopes,
      probe: (_, { scope }) => this.#ask({ what: "probe", about: scope }, () => {}),
      webhook({ headers, body }) {
        if (headers.get("signature") !== "good") throw new WebhookRejected("bad signature");
        return JSON.parse(Buffer.from(body).toString());
      },
      resources: {
        thing: {
          fetch: (id) => this.#ask({ what: "fetch", about: id }, () => this.show(id)),
          ...(page > 0 && { list }),
          id: ({ id }) => id,
          ...(versions !== "none" && { version: ({ n }: Thing) => (versions === "strict" ? n : 0) }),
          versionKind: versions === "strict" ? "strict" : "coarse",
          readLag: lag,
        },
      },
      ...(feed > 0 && { feeds: { told: { types: ["thing"], every: 60_000, poll } } }),
    };
  }

  async #ask<T>(call: Call, look: () => T): Promise<T> {
    this.calls.push(call);
    await this.before(call);
    const answer = look();
    await this.after(call);
    return answer;
  }

  put = (id: string): Told => this.#write(id, ++this.#count);
  remove = (id: string): Told => this.#write(id, null);

  #write(id: string, n: number | null): Told {
    this.#histories.set(id, [...this.history(id), n]);
    const event = { id: `evt_${this.told.length}`, name: n === null ? "thing.deleted" : "thing.changed" };
    const told = { type: "thing", id, scope: scopeOf(id), event } as const;
    this.told.push(told);
    return told;
  }

  /** All that a thing ever was. */
  history = (id: string): readonly (number | null)[] => this.#histories.get(id) ?? [];
  now(id: string): Thing | null {
    const n = this.history(id).at(-1) ?? null;
    return n === null ? null : { id, n };
  }
  /** All that there ever was. */
  ids = (): string[] => [...this.#histories.keys()];
  /** What there is in a scope. */
  all(scope = ""): Thing[] {
    const ids = this.ids().filter((id) => scopeOf(id) === scope);
    return ids.sort().flatMap((id) => this.now(id) ?? []);
  }
  count = (what: Call["what"]): number => this.calls.filter((call) => call.what === what).length;
}

/** `a/1` is in the scope `a`. */
const scopeOf = (id: string): string => (id.includes("/") ? id.slice(0, id.indexOf("/")) : "");
