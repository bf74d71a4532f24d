/** What a Strapi keeps, and what its writes do to it: as measured with 5.54.0, a publication replaces the published row. */

export interface Row {
  id: number;
  documentId: string;
  createdAt: string;
  updatedAt: string;
  publishedAt: string | null;
  locale?: string;
  [field: string]: unknown;
}

/** A content type of the service. */
export interface Model {
  uid: string;
  path: string;
  kind: "collection" | "single";
  drafts: boolean;
  locales: readonly string[] | undefined;
}

const collection = { kind: "collection", drafts: true, locales: undefined } as const;

/** The service's types, by the names that the tests give them. */
export const models = {
  article: { ...collection, uid: "api::article.article", path: "articles" },
  note: { ...collection, uid: "api::note.note", path: "notes", drafts: false },
  page: { ...collection, uid: "api::page.page", path: "pages", locales: ["en", "de"] },
  homepage: { ...collection, uid: "api::homepage.homepage", path: "homepage", kind: "single" },
} satisfies Record<string, Model>;

/** A webhook that waits: what it holds is read when it is sent. */
export interface Waiting {
  event: string;
  uid?: string;
  row: Row;
}

/** The rows of every type and of the media library, by the type's path, and the webhooks that wait. */
export class Rows {
  readonly tables = new Map<string, Map<number, Row>>();
  waiting: Waiting[] = [];
  #now: () => number;
  #last = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  table(path: string): Map<number, Row> {
    const known = this.tables.get(path) ?? new Map<number, Row>();
    this.tables.set(path, known);
    return known;
  }

  /** The row of a version. */
  find({ path }: Model, documentId: string, draft: boolean, locale?: string): Row | undefined {
    const isIt = (row: Row) => row.documentId === documentId && (row.publishedAt === null) === draft;
    return [...this.table(path).values()].find((row) => isIt(row) && row.locale === locale);
  }

  create(model: Model, fields: object, documentId = this.#documentId(), locale = model.locales?.[0]): Row {
    const at = this.#stamp();
    const times = { createdAt: at, updatedAt: at, publishedAt: model.drafts ? null : at };
    const row = this.#insert(model.path, { documentId, ...fields, ...times, ...(locale !== undefined && { locale }) });
    this.#tell("entry.create", model, row);
    return row;
  }

  update(model: Model, row: Row, fields: object): void {
    const at = this.#stamp();
    Object.assign(row, fields, { updatedAt: at }, !model.drafts && { publishedAt: at });
    this.#tell("entry.update", model, row);
    // What all locales share changes in the others, too, and no webhook says so.
    if (!("sku" in fields)) return;
    for (const other of this.table(model.path).values()) {
      const shares = other.documentId === row.documentId && other.publishedAt === row.publishedAt;
      if (shares && other !== row) Object.assign(other, fields, { updatedAt: at });
    }
  }

  /** A new row with the draft's time of change. */
  publish(model: Model, draft: Row): void {
    const old = this.find(model, draft.documentId, false, draft.locale);
    if (old) this.table(model.path).delete(old.id);
    this.#tell("entry.publish", model, this.#insert(model.path, { ...draft, publishedAt: this.#stamp() }));
  }

  unpublish(model: Model, { documentId, locale }: Row): void {
    const old = this.find(model, documentId, false, locale);
    if (!old) return;
    this.table(model.path).delete(old.id);
    this.#tell("entry.unpublish", model, old);
  }

  /** A new draft with the time of what is published: it goes back. */
  discard(model: Model, draft: Row): void {
    const published = this.find(model, draft.documentId, false, draft.locale);
    if (!published) return;
    this.table(model.path).delete(draft.id);
    this.#tell("entry.draft-discard", model, this.#insert(model.path, { ...published, publishedAt: null }));
  }

  /** Every version; a webhook for each row, or none where a script does it. */
  remove(model: Model, documentId: string, silent = false): void {
    for (const row of [...this.table(model.path).values()]) {
      if (row.documentId !== documentId) continue;
      this.table(model.path).delete(row.id);
      if (!silent) this.#tell("entry.delete", model, row);
    }
  }

  upload(name: string): void {
    const at = this.#stamp();
    const url = `/uploads/${name}`;
    const times = { createdAt: at, updatedAt: at, publishedAt: at };
    const row = this.#insert("upload/files", { documentId: this.#documentId(), name, url, ...times });
    this.waiting.push({ event: "media.create", row });
  }

  rename(row: Row, name: string): void {
    Object.assign(row, { name, updatedAt: this.#stamp() });
    this.waiting.push({ event: "media.update", row });
  }

  removeFile(row: Row): void {
    this.table("upload/files").delete(row.id);
    this.waiting.push({ event: "media.delete", row });
  }

  #tell(event: string, { uid }: Model, row: Row): void {
    this.waiting.push({ event, uid, row });
  }

  #insert(path: string, fields: Omit<Row, "id"> & { documentId: string }): Row {
    const row = { ...fields, id: ++this.#last } as Row;
    this.table(path).set(row.id, row);
    return row;
  }

  #stamp = (): string => new Date(this.#now()).toISOString();
  #documentId = (): string => `document${String(++this.#last).padStart(16, "0")}`;
}
