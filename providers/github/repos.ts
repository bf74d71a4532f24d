/**
 * The repositories of the application, and how it spells their names.
 * @module
 */
import { type Awaitable, RetryLater } from "tidemark";

/** Names of repositories, `"owner/name"`; or a function that knows the current ones. */
export type Repos = readonly string[] | (() => Awaitable<Iterable<string> | AsyncIterable<string>>);

const MESSAGE = 'github({ repos }) must list repositories as "owner/name", or be a function that gives them';

/**
 * Checks the option once, and what a function gives each time.
 * @throws TypeError for what is no list of names
 */
export function repositories(repos: Repos) {
  const spelling = new Map<string, string>();
  const learn = (name: string): string => {
    if (!/^[\w.-]+\/[\w.-]+$/.test(name)) throw new TypeError(MESSAGE);
    spelling.set(name.toLowerCase(), name);
    return name;
  };
  if (typeof repos !== "function") {
    if (!Array.isArray(repos) || repos.length === 0) throw new TypeError(MESSAGE);
    repos.forEach(learn);
  }
  async function scopes(): Promise<string[]> {
    const names: string[] = [];
    for await (const name of typeof repos === "function" ? await repos() : repos) names.push(learn(name));
    return names;
  }
  /** A repository's name as the application writes it. */
  const spelled = (name: string): string => spelling.get(name.toLowerCase()) ?? name;
  /** Resolves when the spelling is known: the first webhook may come before anyone asked. */
  async function known(): Promise<void> {
    if (spelling.size > 0) return;
    await scopes().catch((cause) => {
      throw new RetryLater(5_000, "github({ repos }): the function that gives the repositories failed", { cause });
    });
  }
  return { scopes, spelled, known };
}
