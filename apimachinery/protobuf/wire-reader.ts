// The protobuf wire format (https://protobuf.dev/programming-guides/encoding/), read only, bounded to a span of bytes.
import { ByteReader } from "@holdfast/base/bytes/byte-reader";
import { protobufErrors } from "./errors.ts";

/** Reads one message inside of its bytes; a read beyond them throws BYTES_TRUNCATED. */
export class WireReader {
  readonly #reader: ByteReader;

  constructor(bytes: Uint8Array, start = 0) {
    this.#reader = new ByteReader(bytes, Math.min(start, bytes.length));
  }

  get done(): boolean {
    return this.#reader.done;
  }

  /** A varint as bigint, two's complement for negative numbers kept unsigned (64 bits). */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#reader.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw protobufErrors.create("PROTOBUF_VARINT_TOO_LONG", { at: this.#reader.position });
  }

  /** A varint that must fit in 32 bits: tags and lengths. */
  small(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#reader.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw protobufErrors.create("PROTOBUF_VARINT_TOO_LONG", { at: this.#reader.position });
  }

  /** A signed varint as a number (int32, int64). */
  integer(): number {
    return Number(BigInt.asIntN(64, this.varint()));
  }

  /** Length-delimited bytes, a view into the buffer. */
  bytes(): Uint8Array {
    return this.#reader.take(this.small());
  }

  double(): number {
    return this.#reader.f64le();
  }

  /** Passes over a field of unknown number. Groups are refused: no Kubernetes message has one. */
  skip(wireType: number): void {
    if (wireType === 0) this.varint();
    else if (wireType === 1) this.#reader.skip(8);
    else if (wireType === 2) this.bytes();
    else if (wireType === 5) this.#reader.skip(4);
    else throw protobufErrors.create("PROTOBUF_WIRE_TYPE", { wireType });
  }
}
