// Names and values of a header block, once it is decompressed: SPDY/3.1 draft, section 2.6.10.

import { ByteReader } from "@holdfast/base/bytes/byte-reader";
import { spdyErrors } from "./errors.ts";

const MAX_PAIRS = 64;

/**
 * Header names in lower case, and their values; several values of a name are parted by a zero byte.
 *
 * @throws SPDY_MALFORMED, and what ByteReader throws for a block that is too short
 */
export function decodeHeaders(block: Uint8Array): Map<string, string> {
  const reader = new ByteReader(block);
  const count = reader.u32be();
  if (count > MAX_PAIRS)
    throw spdyErrors.create("SPDY_MALFORMED", { why: `${count} headers are more than ${MAX_PAIRS}` });
  const decoder = new TextDecoder();
  const headers = new Map<string, string>();
  for (let index = 0; index < count; index++) {
    const name = decoder.decode(reader.take(reader.u32be()));
    const value = decoder.decode(reader.take(reader.u32be()));
    if (headers.has(name))
      throw spdyErrors.create("SPDY_MALFORMED", { why: `header ${JSON.stringify(name)} stands twice` });
    headers.set(name, value);
  }
  return headers;
}

/** The opposite of {@link decodeHeaders}. */
export function encodeHeaders(headers: ReadonlyMap<string, string>): Uint8Array {
  const encoder = new TextEncoder();
  const parts = [...headers].flat().map((text) => encoder.encode(text));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 4));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, headers.size);
  let at = 4;
  for (const part of parts) {
    view.setUint32(at, part.length);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  return bytes;
}
