import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  addQuantities,
  ceilMilli,
  ceilUnits,
  compareQuantities,
  isZeroQuantity,
  multiplyQuantity,
  parseQuantity,
  quantityText,
  wholeQuantity,
  ZERO,
} from "./quantity.ts";

function canonical(value: unknown): string | undefined {
  const quantity = parseQuantity(value);
  return quantity === undefined ? undefined : quantityText(quantity);
}

describe("quantityText() of parseQuantity()", () => {
  const rows: readonly [string | number, string][] = [
    ["0", "0"],
    [0, "0"],
    ["0Gi", "0"],
    ["12", "12"],
    [12, "12"],
    ["1000", "1k"],
    ["12000", "12k"],
    ["1500", "1500"],
    ["0.5", "500m"],
    [0.5, "500m"],
    ["1.5", "1500m"],
    [".5", "500m"],
    ["5.", "5"],
    ["+5", "5"],
    ["-5", "-5"],
    ["100m", "100m"],
    ["1000m", "1"],
    ["1u", "1u"],
    ["1n", "1n"],
    ["0.1n", "1n"],
    ["16Gi", "16Gi"],
    ["1024Mi", "1Gi"],
    ["1.5Gi", "1536Mi"],
    ["512Ki", "512Ki"],
    ["0.5Ki", "512"],
    ["0.1Ki", "102400m"],
    ["16G", "16G"],
    ["16000M", "16G"],
    ["1e3", "1e3"],
    ["12E3", "12e3"],
    ["1e-3", "1e-3"],
    ["5E", "5E"],
    ["100E", "9223372036854775807"],
    ["1e400", "9223372036854775807"],
    ["1e999999999", "9223372036854775807"],
    ["1e-999999999", "1e-9"],
  ];
  for (const [value, text] of rows) {
    test(`${JSON.stringify(value)} is ${text}`, () => assert.equal(canonical(value), text));
  }

  for (const value of [
    "",
    " 1",
    "1 ",
    "1gi",
    "Gi",
    ".",
    "-",
    "1e",
    "1e1.5",
    "0x1",
    "1,5",
    "٣",
    null,
    undefined,
    {},
    Number.NaN,
    "9".repeat(129),
  ]) {
    test(`${JSON.stringify(value)?.slice(0, 20)} is no quantity`, () => assert.equal(parseQuantity(value), undefined));
  }

  test("hostile: 128 digits with the largest exponent are read in no time", () => {
    assert.equal(canonical(`${"9".repeat(118)}e999999999`), "9223372036854775807");
  });
});

test("addQuantities() keeps the form of the first amount that is not nothing", () => {
  const [gi, g] = [parseQuantity("1Gi"), parseQuantity("1G")];
  assert.ok(gi && g);
  assert.equal(quantityText(addQuantities(ZERO, gi)), "1Gi");
  assert.equal(quantityText(addQuantities(gi, g)), "2073741824");
  assert.equal(quantityText(addQuantities(g, gi)), "2073741824");
  assert.equal(quantityText(addQuantities(gi, gi)), "2Gi");
});

test("multiplyQuantity(), compareQuantities() and the rounding helpers are exact", () => {
  const third = parseQuantity("333m");
  assert.ok(third);
  assert.equal(quantityText(multiplyQuantity(third, 3)), "999m");
  assert.equal(ceilUnits(multiplyQuantity(third, 3)), 1n);
  assert.equal(ceilMilli(third), 333n);
  assert.equal(compareQuantities(multiplyQuantity(third, 3), wholeQuantity(1)), -1);
  assert.equal(compareQuantities(wholeQuantity(1), wholeQuantity(1, "BinarySI")), 0);
  assert.equal(compareQuantities(wholeQuantity(2), wholeQuantity(1)), 1);
});

test("isZeroQuantity() is true of every spelling of zero and of nothing else", () => {
  assert.deepEqual(["0", 0, "0Gi", "0.0", "1n", undefined, ""].map(isZeroQuantity), [
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
