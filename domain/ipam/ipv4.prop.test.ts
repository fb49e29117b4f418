import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addressText, type Interval, intersect, parseAddress, subtract, union } from "./ipv4.ts";

const interval = fc.tuple(fc.nat(40), fc.nat(8)).map(([first, length]): Interval => ({ first, last: first + length }));
const intervals = fc.array(interval, { maxLength: 8 });

function members(set: readonly Interval[]): Set<number> {
  const out = new Set<number>();
  for (const { first, last } of set) for (let address = first; address <= last; address++) out.add(address);
  return out;
}

function sorted(set: Iterable<number>): number[] {
  return [...set].sort((a, b) => a - b);
}

test("union, intersection and difference hold the addresses sets of numbers hold", () => {
  fc.assert(
    fc.property(intervals, intervals, (a, b) => {
      const [x, y] = [members(a), members(b)];
      assert.deepEqual(sorted(members(union(a))), sorted(x));
      assert.deepEqual(sorted(members(intersect(a, b))), sorted([...x].filter((one) => y.has(one))));
      assert.deepEqual(sorted(members(subtract(a, b))), sorted([...x].filter((one) => !y.has(one))));
    }),
  );
});

test("every address is read as it is written", () => {
  fc.assert(fc.property(fc.nat(4294967295), (address) => assert.equal(parseAddress(addressText(address)), address)));
});
