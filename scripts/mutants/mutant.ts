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
  env?: Readonly<Record<string, string>>;
}
