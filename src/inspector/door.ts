/**
 * Who may open the inspector's page: this machine's own people, unless told otherwise. Pure.
 *
 * A name that anybody's DNS can point here would make a foreign page one of our origin. So the host that the browser asked for
 * must be one that names this machine alone, or one that the application vouches for.
 * @module
 */
import { isLoopback } from "../peer.ts";

/** Why a request is not let in; undefined: it is. */
export function whyNot(
  host: string,
  peer: string | undefined,
  hosts: readonly string[] | undefined,
): string | undefined {
  if (hosts?.includes(host)) return undefined;
  if (!LOOPBACK.test(host)) {
    return `the inspector is not for the host ${JSON.stringify(host)}: open it as http://127.0.0.1:<port>, or name the host in inspector: { hosts: […] }`;
  }
  if (hosts === undefined && peer !== undefined && !isLoopback(peer)) {
    return "the inspector is for this machine alone: open it here, or name hosts in inspector: { hosts: […] }";
  }
  return undefined;
}

/** With a port, as a browser sends it for a server that a person started by hand. */
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\]):\d{1,5}$/;
