// One record of the log on disk:
//
//   +---------------+---------------+----------------+
//   | length  (u32) | crc32   (u32) | payload        |     numbers are little-endian; the crc covers length and payload
//   +---------------+---------------+----------------+
import { crc32 } from "node:zlib";

export const HEADER_BYTES = 8;
/** Largest payload: an API object of 3 MB and its envelope fit with room. */
export const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;
/** How much may be checksummed in the search for a record behind a damaged one: about a second of work. */
const MAX_SEARCHED_BYTES = 1024 * 1024 * 1024;

/** Frames payloads into one buffer, so that a whole group is one write. */
export function encodeRecords(payloads: readonly Uint8Array[]): Buffer {
  let size = 0;
  for (const payload of payloads) size += HEADER_BYTES + payload.length;
  const out = Buffer.allocUnsafe(size);
  let at = 0;
  for (const payload of payloads) {
    out.writeUInt32LE(payload.length, at);
    out.set(payload, at + HEADER_BYTES);
    out.writeUInt32LE(checksum(out.subarray(at, at + 4), payload), at + 4);
    at += HEADER_BYTES + payload.length;
  }
  return out;
}

export type Scan =
  | { readonly kind: "whole"; readonly end: number }
  /** The file ends inside its last record, or that record was only half written: the tail after `end` was never acknowledged. */
  | { readonly kind: "torn"; readonly end: number }
  /** A damaged record with readable ones after it: no crash makes that. */
  | { readonly kind: "corrupt"; readonly at: number };

/** Walks the records of a file, handing each payload (a view) to `visit` in order. */
export function scanRecords(file: Buffer, visit: (payload: Buffer) => void): Scan {
  let at = 0;
  while (at < file.length) {
    const payload = recordAt(file, at);
    if (payload === undefined) return readableAfter(file, at) ? { kind: "corrupt", at } : { kind: "torn", end: at };
    visit(payload);
    at += HEADER_BYTES + payload.length;
  }
  return { kind: "whole", end: at };
}

function recordAt(file: Buffer, at: number): Buffer | undefined {
  if (file.length - at < HEADER_BYTES) return undefined;
  const length = file.readUInt32LE(at);
  if (length === 0 || length > MAX_PAYLOAD_BYTES || length > file.length - at - HEADER_BYTES) return undefined;
  const payload = file.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length);
  return checksum(file.subarray(at, at + 4), payload) === file.readUInt32LE(at + 4) ? payload : undefined;
}

/**
 * Looks for a valid record anywhere behind a damaged one: proof that acknowledged data follows it. Bytes that keep looking like
 * the start of a record cost a checksum each; past a bound of those the file counts as damaged rather than torn, since refusing loses
 * nothing.
 */
function readableAfter(file: Buffer, at: number): boolean {
  let budget = MAX_SEARCHED_BYTES;
  for (let i = at + 1; i < file.length - HEADER_BYTES; i++) {
    const length = file.readUInt32LE(i);
    if (length === 0 || length > MAX_PAYLOAD_BYTES || length > file.length - i - HEADER_BYTES) continue;
    budget -= length;
    if (budget < 0 || recordAt(file, i) !== undefined) return true;
  }
  return false;
}

function checksum(length: Uint8Array, payload: Uint8Array): number {
  return crc32(payload, crc32(length));
}
