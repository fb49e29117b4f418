import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { spdyDictionary } from "./dictionary.ts";
import { encodeFrame, type SpdyFrame, SpdyReader } from "./frames.ts";
import { decodeHeaders, encodeHeaders } from "./header-block.ts";

test("the dictionary is that of the specification, byte for byte", () => {
  const bytes = spdyDictionary();
  assert.equal(bytes.length, 1423);
  // Of the table in SPDY/3.1 draft section 2.6.10.1, as other implementations carry it.
  assert.equal(
    createHash("sha256").update(bytes).digest("hex"),
    "51d27341373f923f3cd88e1eb7162aeaa3723d7585ff2399201dc06498407f02",
  );
});

test("frames have the layout of the specification", () => {
  const hex = (frame: SpdyFrame) => Buffer.from(encodeFrame(frame)).toString("hex");
  assert.equal(hex({ kind: "data", stream: 3, fin: true, bytes: new Uint8Array([0xaa]) }), "0000000301000001aa");
  assert.equal(hex({ kind: "ping", id: 7 }), "800300060000000400000007");
  assert.equal(hex({ kind: "reset", stream: 5, status: 1 }), "80030003000000080000000500000001");
  assert.equal(
    hex({ kind: "syn-reply", stream: 1, fin: false, headerBlock: new Uint8Array([1, 2]) }),
    "8003000200000006000000010102",
  );
  assert.equal(
    hex({ kind: "syn-stream", stream: 1, fin: false, headerBlock: new Uint8Array([9]) }),
    "800300010000000b00000001000000000000" + "09",
  );
});

const id = fc.integer({ min: 0, max: 0x7fff_ffff });
const block = fc.uint8Array({ maxLength: 40 });
const frame: fc.Arbitrary<SpdyFrame> = fc.oneof(
  fc.record({ kind: fc.constant("data" as const), stream: id, fin: fc.boolean(), bytes: block }),
  fc.record({
    kind: fc.constantFrom("syn-stream", "syn-reply", "headers"),
    stream: id,
    fin: fc.boolean(),
    headerBlock: block,
  }),
  fc.record({ kind: fc.constant("reset" as const), stream: id, status: id }),
  fc.record({ kind: fc.constant("ping" as const), id }),
  fc.constant({ kind: "go-away" as const }),
);

test("frames come back whole, however their bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 40 }),
      (frames, cuts) => {
        const bytes = Buffer.concat(frames.map(encodeFrame));
        const reader = new SpdyReader(1024);
        const seen: SpdyFrame[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          const next = Math.min(at + cut, bytes.length);
          seen.push(...reader.push(bytes.subarray(at, next)));
          at = next;
        }
        const plain = (list: readonly SpdyFrame[]) =>
          list.map((f) =>
            Object.fromEntries(Object.entries(f).map(([k, v]) => [k, v instanceof Uint8Array ? [...v] : v])),
          );
        assert.deepEqual(plain(seen), plain(frames));
      },
    ),
  );
});

test("any bytes are frames, an error of the table, or a wait for more", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        new SpdyReader(100).push(bytes);
      } catch (error) {
        assert.match((error as { code: string }).code, /^SPDY_(MALFORMED|TOO_LARGE)$/);
      }
    }),
  );
});

test("a frame over the limit is refused before its bytes are awaited", () => {
  assert.throws(() => new SpdyReader(100).push(new Uint8Array([0, 0, 0, 1, 0, 0, 0, 101])), {
    code: "SPDY_TOO_LARGE",
    message: "Cannot read a SPDY frame of 101 bytes: the limit is 100",
  });
});

test("headers come back; a block that lies about its lengths is refused", () => {
  const headers = new Map([
    ["streamtype", "data"],
    ["port", "8080"],
  ]);
  assert.deepEqual(decodeHeaders(encodeHeaders(headers)), headers);
  assert.throws(() => decodeHeaders(new Uint8Array([0, 0, 0, 1, 0xff, 0, 0, 0])), { code: "BYTES_TRUNCATED" });
  assert.throws(() => decodeHeaders(new Uint8Array([0xff, 0, 0, 0])), { code: "SPDY_MALFORMED" });
});
