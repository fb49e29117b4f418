// Frames of SPDY/3.1 as Kubernetes clients speak it: exec, attach and port-forward. Header blocks stay compressed here, since
// their compression has state of its own.

import { spdyErrors } from "./errors.ts";

/** A frame that matters to a server of streams; settings, window updates and others are read over. */
export type SpdyFrame =
  | { readonly kind: "syn-stream"; readonly stream: number; readonly fin: boolean; readonly headerBlock: Uint8Array }
  | { readonly kind: "syn-reply"; readonly stream: number; readonly fin: boolean; readonly headerBlock: Uint8Array }
  | { readonly kind: "headers"; readonly stream: number; readonly fin: boolean; readonly headerBlock: Uint8Array }
  | { readonly kind: "data"; readonly stream: number; readonly fin: boolean; readonly bytes: Uint8Array }
  | { readonly kind: "reset"; readonly stream: number; readonly status: number }
  | { readonly kind: "ping"; readonly id: number }
  | { readonly kind: "go-away" };

const VERSION = 3;
const TYPE = { synStream: 1, synReply: 2, reset: 3, ping: 6, goAway: 7, headers: 8 } as const;
const FIN = 0x01;
const HEAD_BYTES = 8;
/** Largest stream id: 31 bits. */
const ID_MASK = 0x7fff_ffff;

/** Takes frames out of bytes as they come. Holds at most one frame that is not complete. */
export class SpdyReader {
  readonly #limit: number;
  #rest: Uint8Array = new Uint8Array(0);

  /** @param limit - bytes of the largest frame that is taken */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * @returns the frames that are complete now; their bytes are views into what was given
   * @throws SPDY_MALFORMED, SPDY_TOO_LARGE; nothing can be read after either
   */
  push(chunk: Uint8Array): SpdyFrame[] {
    const bytes = this.#rest.length === 0 ? chunk : joined(this.#rest, chunk);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const frames: SpdyFrame[] = [];
    let at = 0;
    while (bytes.length - at >= HEAD_BYTES) {
      const length = view.getUint32(at + 4) & 0x00ff_ffff;
      if (length > this.#limit) throw spdyErrors.create("SPDY_TOO_LARGE", { bytes: length, limit: this.#limit });
      const end = at + HEAD_BYTES + length;
      if (end > bytes.length) break;
      const frame = readFrame(view, bytes.subarray(at, end), at);
      if (frame !== undefined) frames.push(frame);
      at = end;
    }
    // A copy: the rest must not keep a large chunk alive, nor change when its owner reuses it.
    this.#rest = bytes.slice(at);
    return frames;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function readFrame(view: DataView, frame: Uint8Array, at: number): SpdyFrame | undefined {
  const word = view.getUint32(at);
  const flags = view.getUint8(at + 4);
  const fin = (flags & FIN) !== 0;
  const body = frame.subarray(HEAD_BYTES);
  if (word >>> 31 === 0) return { kind: "data", stream: word & ID_MASK, fin, bytes: body };
  const version = (word >>> 16) & 0x7fff;
  if (version !== VERSION) throw spdyErrors.create("SPDY_MALFORMED", { why: `version ${version} is not 3` });
  const id = (offset: number): number => {
    if (body.length < offset + 4)
      throw spdyErrors.create("SPDY_MALFORMED", { why: "it ends in the middle of a field" });
    return view.getUint32(at + HEAD_BYTES + offset);
  };
  const block = (from: number): Uint8Array => {
    if (body.length < from) throw spdyErrors.create("SPDY_MALFORMED", { why: "it ends before its headers" });
    return body.subarray(from);
  };
  switch (word & 0xffff) {
    case TYPE.synStream:
      return { kind: "syn-stream", stream: id(0) & ID_MASK, fin, headerBlock: block(10) };
    case TYPE.synReply:
      return { kind: "syn-reply", stream: id(0) & ID_MASK, fin, headerBlock: block(4) };
    case TYPE.headers:
      return { kind: "headers", stream: id(0) & ID_MASK, fin, headerBlock: block(4) };
    case TYPE.reset:
      return { kind: "reset", stream: id(0) & ID_MASK, status: id(4) };
    case TYPE.ping:
      return { kind: "ping", id: id(0) };
    case TYPE.goAway:
      return { kind: "go-away" };
    default:
      return undefined;
  }
}

/** The bytes of a frame. A header block must be compressed already. */
export function encodeFrame(frame: SpdyFrame): Uint8Array {
  switch (frame.kind) {
    case "data": {
      const out = new Uint8Array(HEAD_BYTES + frame.bytes.length);
      const view = new DataView(out.buffer);
      view.setUint32(0, frame.stream);
      view.setUint32(4, frame.bytes.length);
      view.setUint8(4, frame.fin ? FIN : 0);
      out.set(frame.bytes, HEAD_BYTES);
      return out;
    }
    case "syn-stream":
      return control(TYPE.synStream, [frame.stream, 0], frame.fin, frame.headerBlock, 2);
    case "syn-reply":
      return control(TYPE.synReply, [frame.stream], frame.fin, frame.headerBlock);
    case "headers":
      return control(TYPE.headers, [frame.stream], frame.fin, frame.headerBlock);
    case "reset":
      return control(TYPE.reset, [frame.stream, frame.status], false);
    case "ping":
      return control(TYPE.ping, [frame.id], false);
    case "go-away":
      return control(TYPE.goAway, [0, 0], false);
  }
}

/** @param gap - bytes of zero between fields and headers: priority and slot of a SYN_STREAM */
function control(
  type: number,
  words: readonly number[],
  fin: boolean,
  block: Uint8Array = new Uint8Array(0),
  gap = 0,
): Uint8Array {
  const length = words.length * 4 + gap + block.length;
  const out = new Uint8Array(HEAD_BYTES + length);
  const view = new DataView(out.buffer);
  view.setUint32(0, (0x8000_0000 | (VERSION << 16) | type) >>> 0);
  view.setUint32(4, length);
  view.setUint8(4, fin ? FIN : 0);
  for (const [index, word] of words.entries()) view.setUint32(HEAD_BYTES + index * 4, word);
  out.set(block, HEAD_BYTES + words.length * 4 + gap);
  return out;
}
