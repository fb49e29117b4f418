// IP addresses: https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-ip-address-library

import { BOOL, INT, STRING } from "../language/cel-types.ts";
import { type CelError, celError } from "../language/cel-values.ts";
import { global, member, type Overload } from "../language/function-table.ts";
import { IP, IpAddress, parseIp } from "./ip-address.ts";

function toIp(text: string): IpAddress | CelError {
  const parsed = parseIp(text);
  return parsed instanceof IpAddress ? parsed : celError(parsed.error);
}

function isCanonical(text: string): boolean | CelError {
  const parsed = toIp(text);
  return parsed instanceof IpAddress ? parsed.text() === text : parsed;
}

function first({ bytes }: IpAddress): number {
  return ((bytes[0] as number) << 8) | (bytes[1] as number);
}

const isUnspecified = (ip: IpAddress): boolean => ip.bytes.every((byte) => byte === 0);

function isLoopback(ip: IpAddress): boolean {
  return ip.isV4 ? ip.bytes[0] === 127 : ip.text() === "::1";
}

function isLinkLocalUnicast(ip: IpAddress): boolean {
  return ip.isV4 ? first(ip) === 0xa9fe : (first(ip) & 0xffc0) === 0xfe80;
}

function isLinkLocalMulticast(ip: IpAddress): boolean {
  if (ip.isV4) return first(ip) === 0xe000 && ip.bytes[2] === 0;
  return (first(ip) & 0xff0f) === 0xff02;
}

function isMulticast(ip: IpAddress): boolean {
  return ip.isV4 ? ((ip.bytes[0] as number) & 0xf0) === 0xe0 : ip.bytes[0] === 0xff;
}

function isGlobalUnicast(ip: IpAddress): boolean {
  if (ip.isV4 && ip.bytes.every((byte) => byte === 255)) return false;
  return !isUnspecified(ip) && !isLoopback(ip) && !isMulticast(ip) && !isLinkLocalUnicast(ip);
}

function property(name: string, test: (ip: IpAddress) => boolean): readonly Overload[] {
  return [member(`ip_${name}`, [IP], BOOL, test)];
}

export const IP_LIBRARY: Readonly<Record<string, readonly Overload[]>> = {
  ip: [global("string_to_ip", [STRING], IP, toIp)],
  isIP: [global("is_ip", [STRING], BOOL, (text: string) => parseIp(text) instanceof IpAddress)],
  "ip.isCanonical": [global("ip_is_canonical", [STRING], BOOL, isCanonical)],
  family: [member("family", [IP], INT, (ip: IpAddress) => (ip.isV4 ? 4n : 6n))],
  isUnspecified: property("is_unspecified", isUnspecified),
  isLoopback: property("is_loopback", isLoopback),
  isLinkLocalMulticast: property("is_link_local_multicast", isLinkLocalMulticast),
  isLinkLocalUnicast: property("is_link_local_unicast", isLinkLocalUnicast),
  isGlobalUnicast: property("is_global_unicast", isGlobalUnicast),
  string: [global("ip_to_string", [IP], STRING, (ip: IpAddress) => ip.text())],
};
