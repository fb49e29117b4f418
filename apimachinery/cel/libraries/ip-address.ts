// Addresses and networks as values. Parsing and its complaints follow Go's net/netip.

import { goQuote } from "../../meta/field-error.ts";
import { opaqueType } from "../language/cel-types.ts";
import { Opaque } from "../language/cel-values.ts";

export const IP = opaqueType("net.IP");
export const CIDR = opaqueType("net.CIDR");

export class IpAddress extends Opaque {
  readonly celType = IP;
  /** 4 or 16 bytes. */
  readonly bytes: readonly number[];
  constructor(bytes: readonly number[]) {
    super();
    this.bytes = bytes;
  }
  get isV4(): boolean {
    return this.bytes.length === 4;
  }
  override get size(): number {
    return this.bytes.length;
  }
  equals(other: unknown): boolean {
    return other instanceof IpAddress && this.text() === other.text();
  }
  /** The canonical form: lower case, the longest run of zeros as `::`. */
  override text(): string {
    return this.isV4 ? this.bytes.join(".") : showV6(this.bytes);
  }
}

export class Network extends Opaque {
  readonly celType = CIDR;
  readonly address: IpAddress;
  readonly bits: number;
  constructor(address: IpAddress, bits: number) {
    super();
    this.address = address;
    this.bits = bits;
  }
  override get size(): number {
    return Math.ceil(this.bits / 8);
  }
  equals(other: unknown): boolean {
    return other instanceof Network && this.text() === other.text();
  }
  override text(): string {
    return `${this.address.text()}/${this.bits}`;
  }
  /** The network with the bits of hosts zero. */
  masked(): Network {
    const bytes = this.address.bytes.map((byte, i) => {
      const kept = Math.min(Math.max(this.bits - i * 8, 0), 8);
      return byte & (0xff << (8 - kept)) & 0xff;
    });
    return new Network(new IpAddress(bytes), this.bits);
  }
  contains(address: IpAddress): boolean {
    if (address.isV4 !== this.address.isV4) return false;
    return new Network(address, this.bits).masked().address.equals(this.masked().address);
  }
}

function showV6(bytes: readonly number[]): string {
  const fields = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number));
  let bestStart = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; ) {
    let length = 0;
    while (i + length < 8 && fields[i + length] === 0) length++;
    if (length > bestLength) [bestStart, bestLength] = [i, length];
    i += Math.max(length, 1);
  }
  if (isV4Mapped(bytes)) return `::ffff:${bytes.slice(12).join(".")}`;
  const hex = (part: readonly number[]): string => part.map((field) => field.toString(16)).join(":");
  if (bestStart < 0) return hex(fields);
  return `${hex(fields.slice(0, bestStart))}::${hex(fields.slice(bestStart + bestLength))}`;
}

function isV4Mapped(bytes: readonly number[]): boolean {
  return bytes.length === 16 && bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 255 && bytes[11] === 255;
}

type Problem = { readonly error: string };
type Bytes = { readonly bytes: readonly number[]; readonly zone?: string };

/** netip.ParseAddr, and what Kubernetes refuses besides: zones and IPv4 within IPv6. */
export function parseIp(text: string): IpAddress | Problem {
  const parsed = parseAddress(text);
  if ("error" in parsed) {
    return { error: `IP Address ${goQuote(text)} parse error during conversion from string: ${parsed.error}` };
  }
  if (parsed.zone !== undefined) return { error: `IP address ${goQuote(text)} with zone value is not allowed` };
  if (isV4Mapped(parsed.bytes)) return { error: `IPv4-mapped IPv6 address ${goQuote(text)} is not allowed` };
  return new IpAddress(parsed.bytes);
}

const TWICE = "network address parse error during conversion from string: ";

/** netip.ParsePrefix; the complaint has its introduction twice, as servers answer it. */
export function parseCidr(text: string): Network | Problem {
  const slash = text.lastIndexOf("/");
  const fail = (why: string): Problem => ({ error: `${TWICE}${TWICE}netip.ParsePrefix(${goQuote(text)}): ${why}` });
  if (slash < 0) return fail("no '/'");
  const parsed = parseAddress(text.slice(0, slash));
  if ("error" in parsed) return fail(parsed.error);
  if (parsed.zone !== undefined) return fail("IPv6 zones cannot be present in a prefix");
  const bits = text.slice(slash + 1);
  if (!/^(?:0|[1-9][0-9]*)$/.test(bits)) return fail(`bad bits after slash: ${goQuote(bits)}`);
  if (bits.length > 3 || Number(bits) > parsed.bytes.length * 8) return fail("prefix length out of range");
  if (isV4Mapped(parsed.bytes)) {
    return { error: `${TWICE}IPv4-mapped IPv6 address ${goQuote(text)} is not allowed` };
  }
  return new Network(new IpAddress(parsed.bytes), Number(bits));
}

function parseAddress(text: string): Bytes | Problem {
  const fail = (why: string, at?: string): Problem => ({
    error: `ParseAddr(${goQuote(text)}): ${why}${at === undefined ? "" : ` (at ${goQuote(at)})`}`,
  });
  const mark = /[.:%]/.exec(text)?.[0];
  if (mark === ".") return parseV4(text, fail);
  if (mark === ":") return parseV6(text, fail);
  return fail(mark === "%" ? "missing IPv6 address" : "unable to parse IP");
}

type Fail = (why: string, at?: string) => Problem;

function parseV4(text: string, fail: Fail): Bytes | Problem {
  const bytes: number[] = [];
  let value = 0;
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i) - 48;
    if (code >= 0 && code <= 9) {
      if (digits === 1 && value === 0) return fail("IPv4 field has octet with leading zero");
      value = value * 10 + code;
      digits++;
      if (value > 255) return fail("IPv4 field has value >255");
    } else if (text[i] === ".") {
      if (digits === 0 || i === text.length - 1) return fail("IPv4 field must have at least one digit", text.slice(i));
      if (bytes.length === 3) return fail("IPv4 address too long");
      bytes.push(value);
      value = 0;
      digits = 0;
    } else return fail("unexpected character", text.slice(i));
  }
  if (bytes.length < 3) return fail("IPv4 address too short");
  return { bytes: [...bytes, value] };
}

function parseV6(text: string, fail: Fail): Bytes | Problem {
  const percent = text.indexOf("%");
  const zone = percent < 0 ? undefined : text.slice(percent + 1);
  if (zone === "") return fail("zone must be a non-empty string");
  let rest = percent < 0 ? text : text.slice(0, percent);
  const bytes: number[] = [];
  let gap = -1;
  if (rest.startsWith("::")) {
    gap = 0;
    rest = rest.slice(2);
  }
  while (bytes.length < 16 && rest !== "") {
    const field = /^[0-9a-fA-F]*/.exec(rest.slice(0, 5))?.[0] ?? "";
    if (field.length > 4) return fail("each group must have 4 or less digits", rest);
    if (field === "") return fail("each colon-separated field must have at least one digit", rest);
    if (rest[field.length] === ".") {
      const end = parseEmbedded(rest, bytes, gap, fail);
      if (end !== undefined) return end;
      rest = "";
      break;
    }
    const value = Number.parseInt(field, 16);
    bytes.push(value >> 8, value & 0xff);
    rest = rest.slice(field.length);
    if (rest === "") break;
    if (rest[0] !== ":") return fail("unexpected character, want colon", rest);
    if (rest.length === 1) return fail("colon must be followed by more characters", rest);
    rest = rest.slice(1);
    if (rest[0] !== ":") continue;
    if (gap >= 0) return fail("multiple :: in address", rest);
    gap = bytes.length;
    rest = rest.slice(1);
  }
  if (rest !== "") return fail("trailing garbage after address", rest);
  const missing = 16 - bytes.length;
  if (missing > 0 && gap < 0) return fail("address string too short");
  if (missing === 0 && gap >= 0) return fail("the :: must expand to at least one field of zeros");
  if (missing > 0) bytes.splice(gap, 0, ...new Array<number>(missing).fill(0));
  return zone === undefined ? { bytes } : { bytes, zone };
}

/** `::10.0.0.1`: the last four bytes in the words of IPv4. */
function parseEmbedded(rest: string, bytes: number[], gap: number, fail: Fail): Problem | undefined {
  if (gap < 0 && bytes.length !== 12) {
    return fail("embedded IPv4 address must replace the final 2 fields of the address", rest);
  }
  if (bytes.length + 4 > 16) {
    return fail("too many hex fields to fit an embedded IPv4 at the end of the address", rest);
  }
  const parsed = parseV4(rest, fail);
  if ("error" in parsed) return parsed;
  bytes.push(...parsed.bytes);
  return undefined;
}
