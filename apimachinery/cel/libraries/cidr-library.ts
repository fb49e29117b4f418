// Networks: https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-cidr-library

import { BOOL, INT, STRING } from "../language/cel-types.ts";
import { type CelError, celError } from "../language/cel-values.ts";
import { global, member, type Overload } from "../language/function-table.ts";
import { CIDR, IP, IpAddress, Network, parseCidr, parseIp } from "./ip-address.ts";

function toCidr(text: string): Network | CelError {
  const parsed = parseCidr(text);
  return parsed instanceof Network ? parsed : celError(parsed.error);
}

function containsText(network: Network, text: string): boolean | CelError {
  const parsed = parseIp(text);
  return parsed instanceof IpAddress ? network.contains(parsed) : celError(parsed.error);
}

function containsNetwork(outer: Network, inner: Network): boolean {
  return outer.bits <= inner.bits && outer.contains(inner.address);
}

function containsNetworkText(outer: Network, text: string): boolean | CelError {
  const parsed = toCidr(text);
  return parsed instanceof Network ? containsNetwork(outer, parsed) : parsed;
}

export const CIDR_LIBRARY: Readonly<Record<string, readonly Overload[]>> = {
  cidr: [global("string_to_cidr", [STRING], CIDR, toCidr)],
  isCIDR: [global("is_cidr", [STRING], BOOL, (text: string) => parseCidr(text) instanceof Network)],
  containsIP: [
    member("cidr_contains_ip_string", [CIDR, STRING], BOOL, containsText),
    member("cidr_contains_ip_ip", [CIDR, IP], BOOL, (network: Network, ip: IpAddress) => network.contains(ip)),
  ],
  containsCIDR: [
    member("cidr_contains_cidr_string", [CIDR, STRING], BOOL, containsNetworkText),
    member("cidr_contains_cidr", [CIDR, CIDR], BOOL, containsNetwork),
  ],
  ip: [member("cidr_ip", [CIDR], IP, (network: Network) => network.address)],
  prefixLength: [member("cidr_prefix_length", [CIDR], INT, (network: Network) => BigInt(network.bits))],
  masked: [member("cidr_masked", [CIDR], CIDR, (network: Network) => network.masked())],
  string: [global("cidr_to_string", [CIDR], STRING, (network: Network) => network.text())],
};
