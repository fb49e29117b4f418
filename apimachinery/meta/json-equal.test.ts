import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { jsonEqual } from "./json-equal.ts";

test("jsonEqual() compares by content, not by order of keys or absent values", () => {
  assert.equal(jsonEqual({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }), true);
  assert.equal(jsonEqual({ a: 1, b: undefined }, { a: 1 }), true);
  assert.equal(jsonEqual({ a: 1 }, { b: undefined, a: 1 }), true);
  assert.equal(jsonEqual({ a: undefined }, { b: undefined }), true);
  assert.equal(jsonEqual({ a: undefined }, { b: 1 }), false);
  assert.equal(jsonEqual([1, 2], [2, 1]), false);
  assert.equal(jsonEqual({ a: 1 }, { a: 1, b: 2 }), false);
  assert.equal(jsonEqual([], {}), false);
  assert.equal(jsonEqual(null, {}), false);
  assert.equal(jsonEqual(undefined, null), false);
  assert.equal(jsonEqual(undefined, undefined), true);
});

test("members named like prototypes are members like any other", () => {
  const own = JSON.parse('{"__proto__":{"a":1},"toString":1}') as unknown;
  assert.equal(jsonEqual(own, JSON.parse('{"toString":1,"__proto__":{"a":1}}')), true);
  assert.equal(jsonEqual(own, JSON.parse('{"toString":1,"__proto__":{"a":2}}')), false);
  assert.equal(jsonEqual({ toString: 1 }, { a: 1 }), false);
});

test("depth costs no call stack", () => {
  const deep = (leaf: unknown) => {
    let value = leaf;
    for (let i = 0; i < 200_000; i++) value = i % 2 === 0 ? [value] : { a: value };
    return value;
  };
  assert.equal(jsonEqual(deep(1), deep(1)), true);
  assert.equal(jsonEqual(deep(1), deep(2)), false);
});

test("agrees with the runtime's own comparison on any two JSON values", () => {
  const pair = fc.oneof(
    fc.tuple(fc.jsonValue(), fc.jsonValue()),
    fc.jsonValue().map((value) => [value, structuredClone(value)] as const),
  );
  fc.assert(
    fc.property(pair, ([a, b]) => {
      // Zero has no sign in JSON.
      const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;
      assert.equal(jsonEqual(plain(a), plain(b)), isDeepStrictEqual(plain(a), plain(b)));
    }),
    { numRuns: 500 },
  );
});
