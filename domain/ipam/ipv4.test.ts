import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  addressText,
  contains,
  intersect,
  intervalText,
  parseAddress,
  parseCidr,
  sizeOf,
  subtract,
  union,
} from "./ipv4.ts";

describe("parseAddress()", () => {
  test("reads dotted decimals", () => {
    assert.equal(parseAddress("0.0.0.0"), 0);
    assert.equal(parseAddress("10.0.0.1"), 167772161);
    assert.equal(parseAddress("255.255.255.255"), 4294967295);
  });

  for (const text of [
    "",
    "1.2.3",
    "1.2.3.4.5",
    "256.0.0.1",
    "01.2.3.4",
    "1.2.3.-4",
    "1.2.3.4 ",
    "1.2.3.0x4",
    "::1",
    "1.2.3.",
    "٣.1.1.1",
    "1".repeat(99),
  ]) {
    test(`${JSON.stringify(text.slice(0, 20))} is no address`, () => assert.equal(parseAddress(text), undefined));
  }
});

describe("parseCidr()", () => {
  test("clears the bits behind the prefix", () => {
    assert.deepEqual(parseCidr("10.40.0.7/30"), { first: 170393604, last: 170393607, prefix: 30 });
    assert.deepEqual(parseCidr("0.0.0.0/0"), { first: 0, last: 4294967295, prefix: 0 });
    assert.deepEqual(parseCidr("1.2.3.4/32"), { first: 16909060, last: 16909060, prefix: 32 });
  });

  for (const text of [
    "",
    "10.0.0.0",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/08",
    "10.0.0.0/-1",
    "999.0.0.0/8",
    "/8",
    "10.0.0.0/8/8",
  ]) {
    test(`${JSON.stringify(text)} is no network`, () => assert.equal(parseCidr(text), undefined));
  }
});

test("addressText() and intervalText() write what was read", () => {
  assert.equal(addressText(4294967295), "255.255.255.255");
  assert.equal(addressText(167772161), "10.0.0.1");
  assert.equal(intervalText({ first: 1, last: 1 }), "0.0.0.1");
  assert.equal(intervalText({ first: 1, last: 258 }), "0.0.0.1-0.0.1.2");
});

test("contains() includes both ends", () => {
  assert.equal(contains({ first: 1, last: 9 }, { first: 1, last: 9 }), true);
  assert.equal(contains({ first: 1, last: 9 }, { first: 0, last: 9 }), false);
  assert.equal(contains({ first: 1, last: 9 }, { first: 1, last: 10 }), false);
});

test("union(), intersect() and subtract() work on whole intervals", () => {
  const a = [
    { first: 10, last: 20 },
    { first: 0, last: 5 },
    { first: 6, last: 9 },
  ];
  assert.deepEqual(union(a), [{ first: 0, last: 20 }]);
  assert.deepEqual(
    intersect(a, [
      { first: 18, last: 30 },
      { first: 3, last: 3 },
    ]),
    [
      { first: 3, last: 3 },
      { first: 18, last: 20 },
    ],
  );
  assert.deepEqual(
    subtract(a, [
      { first: 3, last: 4 },
      { first: 20, last: 99 },
    ]),
    [
      { first: 0, last: 2 },
      { first: 5, last: 19 },
    ],
  );
  assert.deepEqual(subtract(a, [{ first: 0, last: 99 }]), []);
  assert.equal(sizeOf(union(a)), 21);
});

test("hostile: the whole address space with 50,000 holes is cut in under a second", () => {
  const holes = Array.from({ length: 50_000 }, (_, index) => ({ first: index * 4, last: index * 4 }));
  const started = performance.now();
  assert.equal(sizeOf(subtract([{ first: 0, last: 4294967295 }], holes)), 4294917296);
  assert.ok(performance.now() - started < 1000);
});
