/** A guard, taken away. */
export interface Mutant {
  id: string;
  file: string;
  /** What is taken away, in words. */
  removes: string;
  /** Must stand exactly once in the file. */
  find: string;
  replace: string;
  /** Of these at least one test must fail. */
  tests: readonly string[];
  /** Of the environment, what its tests read: how much they run. */
  env?: Readonly<Record<string, string>>;
}

/** Makes the mutants of one file. Their ids begin with `prefix`. */
export const mutantsOf =
  (prefix: string, file: string, tests: readonly string[], env?: Mutant["env"]) =>
  (id: string, removes: string, find: string, replace: string): Mutant => ({
    ...{ id: `${prefix}${id}`, file, removes, find, replace, tests },
    ...(env && { env }),
  });

/** Makes mutants that the same tests kill: each names its file. With `""` as `prefix` their ids stand whole. */
export const mutantsKilledBy =
  (prefix: string, tests: readonly string[], env?: Mutant["env"]) =>
  (id: string, file: string, removes: string, find: string, replace: string): Mutant =>
    mutantsOf(prefix, file, tests, env)(id, removes, find, replace);
