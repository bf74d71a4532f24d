/** All that is fuzzed, by name. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Target } from "./target.ts";
import { answers } from "./targets/answer.ts";
import { bodies } from "./targets/body.ts";
import { places } from "./targets/place.ts";
import { readers } from "./targets/reader.ts";
import { signatures } from "./targets/signature.ts";

export const targets: Readonly<Record<string, Target>> = {
  ...answers,
  ...readers,
  ...places,
  ...bodies,
  ...signatures,
};

/** Where the inputs of a target are kept that once reached something new. */
export const folderOf = (name: string): URL => new URL(`corpus/${name.replace(/\W+/g, "-")}/`, import.meta.url);

/** What to begin with: the seeds, and what earlier searches kept. */
export function corpusOf(name: string, { seeds }: Target): Buffer[] {
  const folder = folderOf(name);
  const kept = existsSync(folder) ? readdirSync(folder).sort() : [];
  return [...seeds.map((seed) => Buffer.from(seed)), ...kept.map((file) => readFileSync(new URL(file, folder)))];
}
