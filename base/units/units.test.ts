import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseByteSize, printByteSize } from "./byte-size.ts";
import { parseDuration, printDuration } from "./duration.ts";

test("durations are read in Go's form", () => {
  assert.equal(parseDuration("1h30m"), 5_400_000);
  assert.equal(parseDuration("250ms"), 250);
  assert.equal(parseDuration("1.5s"), 1500);
  for (const wrong of ["", "5", "5d", "-1s", "1h 2m", "s", "1e3s"])
    assert.equal(parseDuration(wrong), undefined, wrong);
});

test("a printed duration reads as the same", () => {
  fc.assert(fc.property(fc.nat(10_000_000), (ms) => assert.equal(parseDuration(printDuration(ms)), ms)));
  assert.equal(printDuration(5_400_000), "90m");
});

test("sizes are read and printed in powers of 1024", () => {
  assert.equal(parseByteSize("64KiB"), 65_536);
  assert.equal(parseByteSize("1.5GiB"), 1_610_612_736);
  assert.equal(parseByteSize("512"), 512);
  for (const wrong of ["", "KiB", "5KB", "-1", "0.0001KiB"]) assert.equal(parseByteSize(wrong), undefined, wrong);
  assert.equal(printByteSize(65_536), "64 KiB");
  assert.equal(printByteSize(1_610_612_736), "1.5 GiB");
  assert.equal(printByteSize(5), "5 B");
});
