/** A context manager that stands in one context: what an instrumented host would have made of its request. */
import { type Context, type ContextManager, ROOT_CONTEXT } from "@opentelemetry/api";

export class HereContext implements ContextManager {
  readonly #here: Context;
  constructor(here: Context = ROOT_CONTEXT) {
    this.#here = here;
  }
  active(): Context {
    return this.#here;
  }
  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    _: Context,
    fn: F,
    self?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return fn.call(self as ThisParameterType<F>, ...args);
  }
  bind<T>(_: Context, target: T): T {
    return target;
  }
  enable(): this {
    return this;
  }
  disable(): this {
    return this;
  }
}
