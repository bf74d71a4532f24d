/**
 * Ids: `documentId`, then the locale of a localized type, then the status where a type has them: `"abc/de/draft"`.
 *
 * The number of an entry's row is no id: a publication gives it another one. A file's is its id, and stays.
 * @module
 */
import type { ContentType, Status } from "./types.ts";

/** A state whose fields are looked at by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** What an id names. */
export interface Place {
  /** The document's id, or the number of a file. */
  key: string;
  locale?: string;
  status?: Status;
}

/** Whether a text can be a part of an id, and of a path. */
export const isWord = (text: unknown): text is string => typeof text === "string" && /^[\w-]{1,255}$/.test(text);

/** The id of a place. */
export const idAt = ({ key, locale, status }: Place): string =>
  [key, locale, status].filter((part) => part !== undefined).join("/");

/** Takes an id apart; undefined if there is none like it of this type. */
export function placeOf({ kind, localized, statuses }: ContentType, id: string): Place | undefined {
  const parts = id.split("/");
  const key = parts.shift();
  const locale = localized ? parts.shift() : undefined;
  const status = statuses[0] === undefined ? undefined : parts.shift();
  if (parts.length > 0 || !isWord(key) || (localized && !isWord(locale))) return undefined;
  if (kind === "media" && !/^\d+$/.test(key)) return undefined;
  if (!(statuses as readonly (string | undefined)[]).includes(status)) return undefined;
  return { key, ...(locale !== undefined && { locale }), ...(status !== undefined && { status: status as Status }) };
}

/** Which version of its document an entry is: only a published one has the time of that. Undefined: it does not say. */
export function statusOf({ publishedAt }: Fields): Status | undefined {
  if (publishedAt === null) return "draft";
  return typeof publishedAt === "string" ? "published" : undefined;
}

/**
 * The id of a state.
 * @throws TypeError if the state does not say what it is: then it is no answer of Strapi's, or fields are hidden in it
 */
export function idOf({ kind, localized, statuses }: ContentType, state: Fields): string {
  const key = kind === "media" ? String(state["id"]) : state["documentId"];
  const locale = localized ? state["locale"] : undefined;
  const status = statuses[0] === undefined ? undefined : statusOf(state);
  const told = isWord(key) && (!localized || isWord(locale)) && (statuses[0] === undefined || status !== undefined);
  if (!told) throw new TypeError("Strapi's answer does not say which entry it is: do not hide these fields");
  return idAt({ key, ...(localized && { locale: locale as string }), ...(status && { status }) });
}

/** Whether an entry can be asked for: one that is older than its type's localization may have no locale. */
export const isPlaced = ({ localized }: ContentType, { locale }: Fields): boolean => !localized || locale !== null;

/**
 * Names one state of a resource. `updatedAt` goes back when a draft is discarded and stays where it is when one is
 * published, but then the row has another number.
 */
export const markOf = (id: string, { id: row, updatedAt, publishedAt }: Fields): string =>
  [id, row, updatedAt, publishedAt].join(" ");
