import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatQuantity, parseQuantity, quantityNano } from "./quantity.ts";

function canonical(text: string): string {
  const parsed = parseQuantity(text);
  return "error" in parsed ? `error: ${parsed.error}` : formatQuantity(parsed);
}

test("a quantity has one spelling", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["1000m", "1"],
    ["0.5", "500m"],
    ["1500m", "1500m"],
    ["100000", "100k"],
    ["1024Mi", "1Gi"],
    ["1.5Gi", "1536Mi"],
    ["1Ki", "1Ki"],
    ["0.5Ki", "512"],
    ["1.1Ki", "1126400m"],
    ["0.5Mi", "512Ki"],
    ["1e3", "1e3"],
    ["12E6", "12e6"],
    ["1E", "1E"],
    ["+5", "5"],
    ["-0", "0"],
    ["0Gi", "0"],
    ["0.1n", "1n"],
    [".5", "500m"],
    ["5.", "5"],
  ];
  for (const [given, expected] of cases) assert.equal(canonical(given), expected, given);
});

test("what is no quantity is refused in the words of the API", () => {
  const format = "error: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  assert.equal(canonical(""), format);
  assert.equal(canonical("lots"), format);
  assert.equal(canonical("1 Gi"), format);
  assert.equal(canonical("1KK"), "error: unable to parse quantity's suffix");
});

test("sizes without bound take no time", () => {
  assert.equal(canonical("9".repeat(100_000)), "error: unable to parse numeric part of quantity");
  assert.equal(canonical("1e999999999999"), "9223372036854775807");
  assert.equal(canonical("1e-999999999999"), "1e-9");
});

test("the spelling of a spelling is itself, and means the same", () => {
  const suffix = fc.constantFrom("", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "e-2", "n", "u");
  fc.assert(
    fc.property(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), fc.nat(999), suffix, (whole, part, unit) => {
      const text = `${whole}.${part}${unit}`;
      const once = canonical(text);
      assert.equal(canonical(once), once);
      assert.equal(quantityNano(once), quantityNano(text));
    }),
  );
});
