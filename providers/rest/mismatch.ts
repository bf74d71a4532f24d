/**
 * The error that says which option does not describe the service.
 * @module
 */

/** The service answers or sends something else than an option says. Never holds what it was. */
export class Mismatch extends Error {
  override readonly name = "Mismatch";
  /** The option, `"resources.stream.list"`: health shows it, where it shows no message. */
  readonly code: string;

  /** @param service its name */
  constructor(service: string, option: string, message: string, details?: { cause?: unknown }) {
    super(`${service}: rest({ ${option} }): ${message}`, details);
    this.code = option;
  }
}
