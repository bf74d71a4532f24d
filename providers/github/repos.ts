/**
 * The repositories and organisations of the application, and how it spells their names.
 * @module
 */
import { type Awaitable, RetryLater } from "tidemark";

/** Names; or a function that knows the current ones. */
export type Names = readonly string[] | (() => Awaitable<Iterable<string> | AsyncIterable<string>>);

interface Kind {
  names: Names;
  pattern: RegExp;
  message: string;
}

const REPOS = 'github({ repos }) must list repositories as "owner/name", or be a function that gives them';
const ORGS = 'github({ orgs }) must list organisations by their names, "acme", or be a function that gives them';

/**
 * Checks the options once, and what a function gives each time.
 * @throws TypeError for what is no list of names
 */
export function scopesOf(repos: Names, orgs: Names) {
  const kinds: readonly Kind[] = [
    { names: repos, pattern: /^[\w.-]+\/[\w.-]+$/, message: REPOS },
    { names: orgs, pattern: /^[\w-]+$/, message: ORGS },
  ];
  const spelling = new Map<string, string>();
  const learn = ({ pattern, message }: Kind, name: string): string => {
    if (typeof name !== "string" || !pattern.test(name)) throw new TypeError(message);
    spelling.set(name.toLowerCase(), name);
    return name;
  };
  for (const kind of kinds) {
    if (typeof kind.names === "function") continue;
    if (!Array.isArray(kind.names)) throw new TypeError(kind.message);
    for (const name of kind.names) learn(kind, name);
  }
  if ([repos, orgs].every((names) => names.length === 0 && typeof names !== "function")) throw new TypeError(REPOS);
  async function scopes(): Promise<string[]> {
    const found: string[] = [];
    for (const kind of kinds) {
      const names = typeof kind.names === "function" ? await kind.names() : kind.names;
      for await (const name of names) found.push(learn(kind, name));
    }
    return found;
  }
  /** A name as the application writes it. */
  const spelled = (name: string): string => spelling.get(name.toLowerCase()) ?? name;
  /** Resolves when the spelling is known: the first webhook may come before anyone asked. */
  async function known(): Promise<void> {
    if (spelling.size > 0) return;
    await scopes().catch((cause) => {
      throw new RetryLater(5_000, "github({ repos }): the function that gives the repositories failed", { cause });
    });
  }
  /** An installation has come, has left, or has other repositories: whatever was learned is asked for anew. */
  const forget = (): void => spelling.clear();
  return { scopes, spelled, known, forget };
}
