import { bytesErrors } from "./errors.ts";

/**
 * Reads one frame, `[start, end)` of a buffer, and never a byte beyond it. What it hands out are views, not copies.
 *
 * Every read throws BYTES_TRUNCATED where the frame is too short for it, before anything is allocated.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    if (start < 0 || end > bytes.length || start > end)
      throw new RangeError(`Cannot read [${start}, ${end}) of ${bytes.length} bytes`);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
  }

  /** Offset of the next byte in the buffer. */
  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16be(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  u32be(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  u16le(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  u32le(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  f64le(): number {
    return this.#view.getFloat64(this.#advance(8), true);
  }

  /**
   * The next `length` bytes.
   *
   * @param limit - longest that is accepted, checked before the frame is
   * @throws BYTES_TOO_LONG, BYTES_TRUNCATED
   */
  take(length: number, limit = Number.POSITIVE_INFINITY): Uint8Array {
    if (length > limit) throw bytesErrors.create("BYTES_TOO_LONG", { wanted: length, limit });
    const from = this.#advance(length);
    return this.#bytes.subarray(from, from + length);
  }

  skip(length: number): void {
    this.#advance(length);
  }

  #advance(length: number): number {
    const from = this.#at;
    if (length < 0 || length > this.#end - from) {
      throw bytesErrors.create("BYTES_TRUNCATED", { wanted: length, at: from, end: this.#end });
    }
    this.#at = from + length;
    return from;
  }
}
