/**
 * What a request says besides its path, checked: its query, and the JSON of its body.
 * @module
 */
import { z } from "zod";
import { BodyRefused } from "../receive.ts";
import type { Time } from "../time.ts";
import { incomingOf } from "../web.ts";
import { refusal } from "./reply.ts";

/** Bytes of an act. The longest there is names a resource. */
const MOST = 65_536;

/** A whole number in a query, from 1 on. */
export const upTo = (most: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= most, `must be from 1 to ${most}`)
    .transform(Number)
    .optional();
export const text = z.string().optional();
/** `types=a,b&types=c`. */
export const list = z
  .union([z.string(), z.array(z.string())])
  .transform((some) => [some].flat().flatMap((one) => one.split(",").filter((part) => part !== "")))
  .transform((all) => (all.length === 0 ? undefined : all))
  .optional();

/** The query by its shape; a `Response`: what is wrong with it. A name that came twice has a list. */
export function queryOf<T extends z.ZodType>(query: URLSearchParams, shape: T): z.infer<T> | Response {
  const given = [...new Set(query.keys())].map((name) => {
    const all = query.getAll(name);
    return [name, all.length > 1 ? all : all[0]];
  });
  return checked("the query", shape, Object.fromEntries(given));
}

/** The body by its shape; a `Response`: what is wrong with it. Without one it is `{}`. */
export async function bodyOf<T extends z.ZodType>(
  request: Request,
  shape: T,
  time: Time,
): Promise<z.infer<T> | Response> {
  try {
    const text = Buffer.from(await incomingOf(request, time).read(MOST)).toString();
    return checked("the body", shape, text === "" ? {} : JSON.parse(text));
  } catch (error) {
    if (error instanceof BodyRefused) return refusal(error.status, error.message);
    if (error instanceof SyntaxError) return refusal(400, "the body must be JSON");
    throw error;
  }
}

function checked<T extends z.ZodType>(what: string, shape: T, value: unknown): z.infer<T> | Response {
  const { data, error } = shape.safeParse(value);
  const [issue] = error?.issues ?? [];
  if (!issue) return data as z.infer<T>;
  return refusal(400, [what, issue.path.join("."), issue.message].filter((part) => part !== "").join(": "));
}

/** Without what is undefined: an option that is left out is not there. */
export const given = <T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
