/**
 * The words of the schema: each is a kind of option, with what to write instead of what does not fit.
 * @module
 */
import { z } from "zod";

/** An object with these options and no other. */
export const options = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code, keys }) =>
      code === "unrecognized_keys"
        ? `has no ${keys.join(", ")}; there are: ${Object.keys(shape).join(", ")}`
        : `must be an object with some of ${Object.keys(shape).join(", ")}`,
  });

/** What the chosen schema says: a union would say no more than that none of them fits. */
export const chosen = (message: string, choose: (value: unknown) => z.ZodType | undefined) =>
  z.unknown().superRefine((value, { addIssue }) => {
    const schema = choose(value);
    if (schema === undefined) return addIssue(message);
    for (const issue of schema.safeParse(value).error?.issues ?? []) {
      addIssue({ code: "custom", path: issue.path, message: issue.message });
    }
  });

/** Chosen by what `typeof` says, or `array`. */
export const byType = (message: string, schemas: Readonly<Record<string, z.ZodType>>) =>
  chosen(message, (value) => schemas[Array.isArray(value) ? "array" : typeof value]);

/** Chosen by which of these options is there. */
export const byOption = (message: string, schemas: Readonly<Record<string, z.ZodType>>) =>
  chosen(message, (value) => {
    const isObject = typeof value === "object" && value !== null;
    return Object.entries(schemas).find(([name]) => isObject && Object.hasOwn(value, name))?.[1];
  });

export const text = (example: string) => {
  const error = `must be a text that is not empty, like "${example}"`;
  return z.string(error).trim().min(1, error);
};

export const place = (example: string) => {
  const error = `must be a place in JSON, like "${example}"`;
  return z.string(error).regex(/^[^.\s]+(\.[^.\s]+)*$/, error);
};

/** A place, or `""` for the whole. */
export const wholePlace = (example: string) => {
  const error = `must be a place in JSON, like "${example}", or "" for the whole`;
  return z.string(error).regex(/^([^.\s]+(\.[^.\s]+)*)?$/, error);
};

export const places = (example: string) =>
  byType(`must be a place in JSON, like "${example}", or a list of them`, {
    string: place(example),
    array: z.array(place(example)).min(1, `must have at least one place, like "${example}"`),
  });

/** A path with these placeholders, of which it must have `needed`. */
export const path = (example: string, placeholders: readonly string[], needed?: string) =>
  z.string(`must be a path below url, like "${example}"`).superRefine((value, { addIssue }) => {
    const used = namesIn(value);
    const unknown = used.find((name) => !placeholders.includes(name));
    if (value.startsWith("/")) addIssue(`must not begin with "/", which would leave url: write "${example}"`);
    else if (value === "" || /[?#\s]|^[a-z]+:/i.test(value)) addIssue(`must be a path below url, like "${example}"`);
    else if (unknown !== undefined) addIssue(`has no {${unknown}}; there is {${placeholders.join("}, {")}}`);
    else if (needed !== undefined && !used.includes(needed)) addIssue(`needs {${needed}}, like "${example}"`);
  });

/** The names in braces. */
export const namesIn = (template: string): string[] =>
  [...template.matchAll(/\{([^}]*)\}/g)].map(([, name = ""]) => name);

export const callable = (error: string) => z.custom<() => unknown>((value) => typeof value === "function", error);

export const oneOf = (first: string, ...others: string[]) => {
  const names = [first, ...others] as const;
  return z.enum(names, `must be one of "${names.join('", "')}"`);
};

export const milliseconds = (least: number) => {
  const error = `must be milliseconds, ${least} or more`;
  return z.number(error).min(least, error);
};

export const count = (what: string) => {
  const error = `must be ${what}: a whole number, 1 or more`;
  return z.int(error).positive(error);
};

export const flag = z.boolean("must be true or false");
