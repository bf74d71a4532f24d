/**
 * Who is connected: told by the host that has the socket, kept beside the request, so that no header can claim it.
 * @module
 */

const peers = new WeakMap<Request, string>();

/** Notes the address at the other end of a request's connection. */
export const setPeer = (request: Request, address: string): void => void peers.set(request, address);

/** Undefined: the host did not say. */
export const peerOf = (request: Request): string | undefined => peers.get(request);

/** Whether an address is this machine's own; also one of IPv4 as a socket of IPv6 has it (`::ffff:127.0.0.1`). */
export const isLoopback = (address: string): boolean => /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/i.test(address);
