import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { encodeRecords, MAX_PAYLOAD_BYTES, scanRecords } from "./record.ts";

function scan(file: Buffer): { payloads: string[]; result: unknown } {
  const payloads: string[] = [];
  const result = scanRecords(file, (payload) => payloads.push(payload.toString()));
  return { payloads, result };
}

test("a record is its length, a checksum of length and payload, and the payload", () => {
  const encoded = encodeRecords([Buffer.from("abc")]);
  assert.equal(encoded.subarray(0, 4).toString("hex"), "03000000");
  assert.equal(encoded.readUInt32LE(4), crc32(Buffer.from("03000000616263", "hex")));
  assert.equal(encoded.subarray(8).toString(), "abc");
});

test("records come back in order, and an empty file holds none", () => {
  assert.deepEqual(scan(encodeRecords([Buffer.from("one"), Buffer.from("two")])), {
    payloads: ["one", "two"],
    result: { kind: "whole", end: 22 },
  });
  assert.deepEqual(scan(Buffer.alloc(0)), { payloads: [], result: { kind: "whole", end: 0 } });
});

test("a file cut at any byte of its last record ends behind the record before it", () => {
  const file = encodeRecords([Buffer.from("one"), Buffer.from("a longer second one")]);
  for (let size = 12; size < file.length; size++) {
    assert.deepEqual(scan(file.subarray(0, size)), { payloads: ["one"], result: { kind: "torn", end: 11 } });
    if (size === 12) assert.deepEqual(scan(file.subarray(0, 11)).result, { kind: "whole", end: 11 });
  }
});

test("any damaged bit of a record with a whole one after it is corruption", () => {
  const file = encodeRecords([Buffer.from("first"), Buffer.from("second"), Buffer.from("third")]);
  for (let at = 13; at < 27; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const damaged = Buffer.from(file);
      damaged[at] = (damaged[at] as number) ^ (1 << bit);
      assert.deepEqual(scan(damaged), { payloads: ["first"], result: { kind: "corrupt", at: 13 } });
    }
  }
});

test("a damaged record of any size does not hide the ones behind it", () => {
  const file = encodeRecords([Buffer.alloc(300_000, "x"), Buffer.from("acknowledged")]);
  file[1000] = 0x21;
  assert.deepEqual(scan(file), { payloads: [], result: { kind: "corrupt", at: 0 } });
});

test("a tail of zeros, as a power cut leaves it, is a torn tail", () => {
  const file = Buffer.concat([encodeRecords([Buffer.from("one")]), Buffer.alloc(100_000)]);
  assert.deepEqual(scan(file), { payloads: ["one"], result: { kind: "torn", end: 11 } });
});

test("a length past the limit is never believed", () => {
  const file = encodeRecords([Buffer.from("one")]);
  file.writeUInt32LE(MAX_PAYLOAD_BYTES + 1, 0);
  assert.deepEqual(scan(file).result, { kind: "torn", end: 0 });
});

test("bytes that all look like the start of a large record are refused in bounded time", () => {
  // Every fourth byte starts a length of 1 MiB.
  const file = Buffer.alloc(4 * 1024 * 1024);
  for (let at = 0; at + 4 <= file.length; at += 4) file.writeUInt32LE(1024 * 1024, at);
  const started = performance.now();
  assert.deepEqual(scan(file).result, { kind: "corrupt", at: 0 });
  assert.ok(performance.now() - started < 10_000);
});
