/**
 * The types of a Strapi: what the application says of its content types, and the states they have.
 * @module
 */
import type { Hint } from "tidemark";

/** One of the two versions that an entry of a type with Draft & Publish has. */
export type Status = "draft" | "published";

/** What every entry has, as the REST API of Strapi 5 gives it. */
export interface Entry {
  /** The row's number. A publication or a discarded draft gives the entry another one. */
  id: number;
  documentId: string;
  createdAt: string;
  updatedAt: string;
  /** `null` in a draft. Without Draft & Publish it is the time of the latest change. */
  publishedAt: string | null;
  /** Of a localized type. */
  locale?: string | null;
}

/** A file of the media library, as the REST API of Strapi 5 gives it. */
export interface StrapiFile {
  id: number;
  documentId: string;
  name: string;
  alternativeText: string | null;
  caption: string | null;
  hash: string;
  ext: string | null;
  mime: string;
  /** Kilobytes. */
  size: number;
  url: string;
  createdAt: string;
  updatedAt: string;
}

declare const stateOf: unique symbol;

/** A type to synchronize: what {@link collection}, {@link single} and {@link media} give. */
export interface ContentType<State extends object = object> {
  kind: "collection" | "single" | "media";
  /** As webhooks name it; none for the media library, whose events are of their own. */
  uid?: string;
  /** Below the URL of the API. */
  path: string;
  /** Each is a resource of its own. `undefined`: what the API gives where it is asked for none. */
  statuses: readonly (Status | undefined)[];
  localized: boolean;
  populate: readonly string[];
  volatile: readonly string[];
  /** What else to look at when one changed. */
  related?(state: State): Hint[];
  /** Never there: it carries the type of the states. */
  readonly [stateOf]?: State;
}

/** The states of a {@link ContentType}. */
export type StateOf<Type> = Type extends ContentType<infer State> ? State : never;

/** What is said of a content type. */
export interface TypeOptions<State extends object = object> {
  /** `"api::article.article"`, as in the field `uid` of its webhooks. */
  uid: string;
  /** Its name in the REST API, `"articles"`; of a single type `"homepage"`. */
  path: string;
  /**
   * For a type with Draft & Publish: the versions to synchronize, each as a resource of its own. Left out: only what is
   * published, or all there is of a type without Draft & Publish.
   */
  statuses?: readonly Status[];
  /** Whether it is localized: each locale is a resource of its own. Default `false`. */
  localized?: boolean;
  /** Relations that a state holds, `["author", "author.avatar"]`, or `["*"]`. Default: none. */
  populate?: readonly string[];
  /** Paths that are not compared, because they differ without a change: `"cover.url"` where URLs are signed. */
  volatile?: readonly string[];
  /** What else to look at when one changed: what holds a copy of it through `populate`. The types' names are yours. */
  related?(state: State): Hint[];
}

/**
 * A collection type. `Fields` are its attributes, in the words of its schema.
 * @throws TypeError for an option that is wrong, with what to write instead
 */
export function collection<Fields extends object = Record<string, unknown>>(
  options: TypeOptions<Fields & Entry>,
): ContentType<Fields & Entry> {
  return contentType("collection", options);
}

/**
 * A single type. `Fields` are its attributes, in the words of its schema.
 * @throws TypeError for an option that is wrong, with what to write instead
 */
export function single<Fields extends object = Record<string, unknown>>(
  options: TypeOptions<Fields & Entry>,
): ContentType<Fields & Entry> {
  return contentType("single", options);
}

/** The files of the media library. `volatile`: `["url"]` where the URLs are signed. */
export function media({ volatile = [] }: { volatile?: readonly string[] } = {}): ContentType<StrapiFile> {
  const kind = "media";
  return { kind, path: "upload/files", statuses: [undefined], localized: false, populate: [], volatile };
}

function contentType<State extends object>(
  kind: "collection" | "single",
  { uid, path, statuses, localized = false, populate = [], volatile = [], related }: TypeOptions<State>,
): ContentType<State> {
  const asked = `${kind}({ uid: ${JSON.stringify(uid)} })`;
  if (typeof uid !== "string" || !/^[\w-]+::[\w-]+\.[\w-]+$/.test(uid)) {
    throw new TypeError(`${asked}: the uid must be like "api::article.article", as in the type's webhooks`);
  }
  if (typeof path !== "string" || !/^[\w-]+(\/[\w-]+)*$/.test(path)) {
    throw new TypeError(`${asked}: the path must be the type's name in the REST API, like "articles"`);
  }
  const known = Array.isArray(statuses) && statuses.every((status) => status === "draft" || status === "published");
  if (statuses !== undefined && (!known || statuses.length === 0)) {
    throw new TypeError(`${asked}: statuses must list "draft", "published" or both; leave it out without both`);
  }
  const all = statuses === undefined ? [undefined] : [...new Set(statuses)];
  return { kind, uid, path, statuses: all, localized, populate, volatile, ...(related && { related }) };
}
