import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addQuantities, compareQuantities, parseQuantity, quantityText } from "./quantity.ts";

const SUFFIXES = ["", "n", "u", "m", "k", "M", "G", "T", "P", "Ki", "Mi", "Gi", "Ti", "Pi", "e3", "e-3", "E2"];
const texts = fc
  .record({
    sign: fc.constantFrom("", "-", "+"),
    whole: fc.nat({ max: 9_999_999 }),
    fraction: fc.option(fc.nat({ max: 999 }), { nil: undefined }),
    suffix: fc.constantFrom(...SUFFIXES),
  })
  .map(
    ({ sign, whole, fraction, suffix }) => `${sign}${whole}${fraction === undefined ? "" : `.${fraction}`}${suffix}`,
  );

test("the canonical text reads back as the same amount and is its own canonical text", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const quantity = parseQuantity(text);
      assert.ok(quantity, text);
      const canonical = quantityText(quantity);
      const again = parseQuantity(canonical);
      assert.ok(again, canonical);
      assert.equal(compareQuantities(quantity, again), 0);
      assert.equal(quantityText(again), canonical);
    }),
  );
});

test("sums do not depend on the order", () => {
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      const [x, y] = [parseQuantity(a), parseQuantity(b)];
      assert.ok(x && y);
      assert.equal(addQuantities(x, y).nano, addQuantities(y, x).nano);
    }),
  );
});

test("any text at all is read or refused, never thrown at", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      const quantity = parseQuantity(text);
      assert.ok(quantity === undefined || typeof quantity.nano === "bigint");
    }),
  );
});
