import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatIndexes, parseIndexes } from "./index-ranges.ts";

test("formatIndexes() writes ranges from three in a row", () => {
  assert.equal(formatIndexes(new Set([7, 1, 3, 4, 5])), "1,3-5,7");
  assert.equal(formatIndexes(new Set([0, 1])), "0,1");
  assert.equal(formatIndexes(new Set()), "");
});

test("parseIndexes() reads what formatIndexes() writes, up to the limit", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(200)), fc.integer({ min: 1, max: 201 }), (list, limit) => {
      const read = parseIndexes(formatIndexes(new Set(list)), limit);
      assert.deepEqual([...read].sort(), list.filter((index) => index < limit).sort());
    }),
  );
});

test("parseIndexes() leaves out what is no index", () => {
  assert.deepEqual([...parseIndexes("x,2,-1,4-3,5-", 10)], [2]);
  assert.equal(parseIndexes("0-999999999", 5).size, 5);
});
