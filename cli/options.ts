/**
 * Options that several commands have.
 * @module
 */
import { InvalidArgumentError, Option } from "commander";

export const configOption = () =>
  new Option("-c, --config <file>", "the configuration; else tidemark.config.ts here or above").env("TIDEMARK_CONFIG");
export const jsonOption = () => new Option("--json", "a line of JSON for each thing, for programs");
export const scopeOption = () => new Option("--scope <scope>", "only this scope");
export const urlOption = () =>
  new Option("--url <url>", "ask a running process over HTTP: where its handler is").env("TIDEMARK_URL");
export const tokenOption = () => new Option("--token <token>", "what its handler asks for").env("TIDEMARK_TOKEN");

export const list = (text: string): string[] => text.split(",").filter((one) => one !== "");

export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("a whole number, please.");
  return Number(text);
}
