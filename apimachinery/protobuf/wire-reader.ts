// The protobuf wire format (https://protobuf.dev/programming-guides/encoding/), read only, bounded to a span of bytes.
import { protobufErrors } from "./errors.ts";

/** Reads one message inside `[start, end)` of a buffer; every read is checked against `end`. */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** A varint as bigint, two's complement for negative numbers kept unsigned (64 bits). */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (this.#at >= this.#end) throw protobufErrors.create("PROTOBUF_TRUNCATED", { at: this.#at });
      const byte = this.#bytes[this.#at++] as number;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw protobufErrors.create("PROTOBUF_VARINT_TOO_LONG", { at: this.#at });
  }

  /** A varint that must fit in 32 bits: tags and lengths. */
  small(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.#at >= this.#end) throw protobufErrors.create("PROTOBUF_TRUNCATED", { at: this.#at });
      const byte = this.#bytes[this.#at++] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw protobufErrors.create("PROTOBUF_VARINT_TOO_LONG", { at: this.#at });
  }

  /** A signed varint as a number (int32, int64). */
  integer(): number {
    return Number(BigInt.asIntN(64, this.varint()));
  }

  /** Length-delimited bytes, a view into the buffer. */
  bytes(): Uint8Array {
    const length = this.small();
    if (length > this.#end - this.#at) throw protobufErrors.create("PROTOBUF_TRUNCATED", { at: this.#at });
    const from = this.#at;
    this.#at += length;
    return this.#bytes.subarray(from, this.#at);
  }

  double(): number {
    const view = this.#fixed(8);
    return view.getFloat64(0, true);
  }

  /** Passes over a field of unknown number. Groups are refused: no Kubernetes message has one. */
  skip(wireType: number): void {
    if (wireType === 0) this.varint();
    else if (wireType === 1) this.#fixed(8);
    else if (wireType === 2) this.bytes();
    else if (wireType === 5) this.#fixed(4);
    else throw protobufErrors.create("PROTOBUF_WIRE_TYPE", { wireType });
  }

  #fixed(size: number): DataView {
    if (size > this.#end - this.#at) throw protobufErrors.create("PROTOBUF_TRUNCATED", { at: this.#at });
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, size);
    this.#at += size;
    return view;
  }
}
