/**
 * Where a request of ours may lead, when somebody else said to where: to public addresses, and to the one that was looked at.
 *
 * A name is looked up once, for the connection itself, and what is not public is left out of the answer: what was checked is
 * what is connected to, whatever the name leads to a moment later.
 * @module
 */
import { lookup } from "node:dns/promises";
import { BlockList, isIP, type LookupFunction } from "node:net";
import type { Awaitable } from "../provider.ts";

/** The addresses of a host. Default: the machine's own resolver. */
export type Resolve = (host: string) => Awaitable<readonly string[]>;

/** A host that has no public address. */
export class PrivateAddress extends Error {
  override readonly name = "PrivateAddress";
}

/** IPv4 that is not of the public Internet: IANA's special-purpose registry, multicast, reserved. */
const PRIVATE_V4 = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  PRIVATE_V4.addSubnet(net, bits, "ipv4");
}

/** Of IPv6 only what is given out to the public, less what is set aside in it: tunnels, documentation, 6to4. */
const GLOBAL_V6 = new BlockList();
GLOBAL_V6.addSubnet("2000::", 3, "ipv6");
const PRIVATE_V6 = new BlockList();
for (const [net, bits] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const) {
  PRIVATE_V6.addSubnet(net, bits, "ipv6");
}

/** Whether an address is of the public Internet. IPv4 within IPv6 is judged as IPv4. What is no address is not. */
export function isPublic(address: string): boolean {
  const kind = isIP(address);
  if (kind === 4) return !PRIVATE_V4.check(address, "ipv4");
  if (kind !== 6 || address.includes("%")) return false;
  const within = mappedIn(address);
  if (within !== undefined) return isPublic(within);
  return GLOBAL_V6.check(address, "ipv6") && !PRIVATE_V6.check(address, "ipv6");
}

/** The IPv4 address in `::ffff:0:0/96` (mapped) and in `64:ff9b::/96` (translated by the network). */
function mappedIn(address: string): string | undefined {
  // Of all spellings of an address the URL parser makes one.
  const one = URL.parse(`http://[${address}]`)?.hostname ?? "";
  const [, high, low] = /^\[(?:::ffff|64:ff9b:):(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})\]$/.exec(one) ?? [];
  if (low === undefined) return undefined;
  const bits = (Number.parseInt(high ?? "0", 16) << 16) | Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
}

const resolveName: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/** For `node:http`: looks a name up, and answers only what may be connected to. */
export function guardedLookup(allowPrivate: boolean, resolve: Resolve = resolveName): LookupFunction {
  const find = async (host: string) => {
    const all = await resolve(host);
    const safe = allowPrivate ? all : all.filter(isPublic);
    if (safe.length === 0) throw new PrivateAddress(`${host} has no public address`);
    return safe.map((address) => ({ address, family: isIP(address) }));
  };
  return (host, options, callback) => {
    find(host).then(
      (found) => {
        const [{ address, family } = { address: "", family: 4 }] = found;
        if (options.all) callback(null, found);
        else callback(null, address, family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ""),
    );
  };
}

/** Throws for a host that is written as an address and is not public: no name is looked up for it. */
export function checkHost({ hostname }: URL, allowPrivate: boolean): void {
  const address = hostname.replace(/^\[|\]$/g, "");
  if (!allowPrivate && isIP(address) !== 0 && !isPublic(address)) {
    throw new PrivateAddress(`${hostname} is no public address`);
  }
}
