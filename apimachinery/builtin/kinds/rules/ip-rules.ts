// IP addresses and networks, as the API reads them. RFC 4291 section 2.2, RFC 4632 section 3.1.
import { type FieldError, invalid } from "../../../meta/field-error.ts";

export type Family = "IPv4" | "IPv6";

export interface Address {
  readonly family: Family;
  /** All bits as one number. */
  readonly value: bigint;
}

export interface Network {
  readonly base: Address;
  readonly prefix: number;
}

const BAD_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const BAD_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

/** Reads an address; IPv4 parts may have leading zeros, as in older servers. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > 64) return undefined;
  return text.includes(":") ? parseV6(text) : parseV4(text);
}

function parseV4(text: string): Address | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^[0-9]{1,3}$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return { family: "IPv4", value };
}

function parseV6(text: string): Address | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = groups(halves[0] as string);
  const tail = halves.length === 2 ? groups(halves[1] as string) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...Array<number>(Math.max(missing, 0)).fill(0), ...tail];
  const value = all.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
  // An IPv4 address in IPv6 clothes counts as IPv4.
  if (value >> 32n === 0xffffn) return { family: "IPv4", value: value & 0xffffffffn };
  return { family: "IPv6", value };
}

function groups(text: string): number[] | undefined {
  if (text === "") return [];
  const found: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    if (part.includes(".") && i === parts.length - 1) {
      const v4 = parseV4(part);
      if (v4 === undefined) return undefined;
      found.push(Number(v4.value >> 16n), Number(v4.value & 0xffffn));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) found.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return found;
}

/** Reads `address/prefix`; undefined for anything else. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const address = parseAddress(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (address === undefined || !/^[0-9]{1,3}$/.test(length)) return undefined;
  const prefix = Number(length);
  const bits = bitsOf(address.family);
  if (prefix > bits) return undefined;
  const shift = BigInt(bits - prefix);
  return { base: { family: address.family, value: (address.value >> shift) << shift }, prefix };
}

function bitsOf(family: Family): number {
  return family === "IPv4" ? 32 : 128;
}

/** True when the address lies in the network. */
export function contains(network: Network, address: Address): boolean {
  if (network.base.family !== address.family) return false;
  const shift = BigInt(bitsOf(address.family) - network.prefix);
  return address.value >> shift === network.base.value >> shift;
}

export function ipRule(errors: FieldError[], value: string, path: string): void {
  if (parseAddress(value) === undefined) errors.push(invalid(path, value, BAD_IP));
}

export function cidrRule(errors: FieldError[], value: string, path: string): void {
  if (parseNetwork(value) === undefined) errors.push(invalid(path, value, BAD_CIDR));
}

const SPECIAL: readonly (readonly [string, string])[] = [
  ["127.0.0.0/8", "may not be in the loopback range (127.0.0.0/8, ::1/128)"],
  ["::1/128", "may not be in the loopback range (127.0.0.0/8, ::1/128)"],
  ["169.254.0.0/16", "may not be in the link-local range (169.254.0.0/16, fe80::/10)"],
  ["fe80::/10", "may not be in the link-local range (169.254.0.0/16, fe80::/10)"],
  ["224.0.0.0/24", "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"],
  ["ff02::/16", "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"],
];

/** Addresses behind services have to be reachable ones. A text that is no address is left to {@link ipRule}. */
export function reachableRule(errors: FieldError[], value: string, path: string): void {
  const address = parseAddress(value);
  if (address === undefined) return;
  if (address.value === 0n) {
    const zero = address.family === "IPv4" ? "0.0.0.0" : "::";
    errors.push(invalid(path, value, `may not be unspecified (${zero})`));
  }
  for (const [range, detail] of SPECIAL) {
    if (contains(parseNetwork(range) as Network, address)) errors.push(invalid(path, value, detail));
  }
}
