/**
 * The latest of many, so that what is remembered has a bound.
 * @module
 */

/** How many are remembered. */
const MOST = 10_000;

/** What was put there longest ago is forgotten. */
export class Recent<T> {
  readonly #all = new Map<string, T>();

  set(key: string, value: T): void {
    this.#all.delete(key);
    this.#all.set(key, value);
    if (this.#all.size <= MOST) return;
    const [oldest] = this.#all.keys();
    if (oldest !== undefined) this.#all.delete(oldest);
  }

  get(key: string): T | undefined {
    return this.#all.get(key);
  }

  take(key: string): T | undefined {
    const value = this.#all.get(key);
    this.#all.delete(key);
    return value;
  }
}
