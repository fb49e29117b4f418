import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteReader } from "./byte-reader.ts";

const BYTES = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

test("numbers are read in both orders, from inside of a larger buffer", () => {
  const inner = BYTES.subarray(1);
  const reader = new ByteReader(inner, 1, 9);
  assert.equal(reader.u8(), 3);
  assert.equal(reader.u16be(), 0x0405);
  assert.equal(reader.u16le(), 0x0706);
  assert.equal(reader.position, 6);
  assert.deepEqual([...reader.take(3)], [8, 9, 10]);
  assert.equal(reader.done, true);
  assert.equal(new ByteReader(BYTES).u32be(), 0x01020304);
  assert.equal(new ByteReader(BYTES).u32le(), 0x04030201);
});

test("nothing beyond the frame is ever read", () => {
  const reader = new ByteReader(BYTES, 2, 4);
  assert.throws(() => reader.u32be(), {
    code: "BYTES_TRUNCATED",
    message: "Cannot read 4 bytes at 2: the frame ends at 4",
  });
  assert.equal(reader.remaining, 2, "a failed read moves nothing");
  assert.throws(() => reader.take(-1), { code: "BYTES_TRUNCATED" });
  assert.throws(() => reader.take(5, 4), {
    code: "BYTES_TOO_LONG",
    message: "Cannot read a field of 5 bytes: the limit is 4",
  });
  assert.throws(() => new ByteReader(BYTES, 5, 11), RangeError);
});

test("taking a frame apart in any steps gives its bytes back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.array(fc.nat(9), { maxLength: 80 }), (bytes, steps) => {
      const reader = new ByteReader(bytes);
      const seen: number[] = [];
      for (const step of steps) if (step <= reader.remaining) seen.push(...reader.take(step));
      seen.push(...reader.take(reader.remaining));
      assert.deepEqual(seen, [...bytes]);
    }),
  );
});
