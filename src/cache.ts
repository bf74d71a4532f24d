/**
 * The default cache: in memory, and bounded. It may be empty at any time without harm.
 * @module
 */

/** A map that forgets the oldest when it is full. */
export class BoundedCache extends Map<string, unknown> {
  readonly #most: number;

  /** @param most how many validators and bodies are kept */
  constructor(most = 1_000) {
    super();
    this.#most = most;
  }

  override set(key: string, value: unknown): this {
    this.delete(key);
    const [oldest] = this.keys();
    if (this.size >= this.#most && oldest !== undefined) this.delete(oldest);
    return super.set(key, value);
  }
}
