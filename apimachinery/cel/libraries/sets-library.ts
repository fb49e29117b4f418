// sets.contains, sets.equivalent, sets.intersects: https://pkg.go.dev/github.com/google/cel-go/ext#Sets

import { A, BOOL, listOf } from "../language/cel-types.ts";
import { type CelList, elementsOf } from "../language/cel-values.ts";
import { equals } from "../language/equality.ts";
import { global, type Meter, type Overload } from "../language/function-table.ts";

type None = never;

function has(elements: readonly unknown[], item: unknown, meter: Meter): boolean {
  return elements.some((element) => {
    meter.work(1);
    return equals(element, item, meter) === true;
  });
}

function contains(list: CelList, part: CelList, _c: None, _d: None, meter: Meter): boolean {
  const elements = elementsOf(list, meter);
  return elementsOf(part, meter).every((item) => has(elements, item, meter));
}

function equivalent(a: CelList, b: CelList, c: None, d: None, meter: Meter): boolean {
  return contains(a, b, c, d, meter) && contains(b, a, c, d, meter);
}

function intersects(a: CelList, b: CelList, _c: None, _d: None, meter: Meter): boolean {
  const elements = elementsOf(a, meter);
  return elementsOf(b, meter).some((item) => has(elements, item, meter));
}

const LISTS = [listOf(A), listOf(A)];

export const SETS_LIBRARY: Readonly<Record<string, readonly Overload[]>> = {
  "sets.contains": [global("list_sets_contains_list", LISTS, BOOL, contains)],
  "sets.equivalent": [global("list_sets_equivalent_list", LISTS, BOOL, equivalent)],
  "sets.intersects": [global("list_sets_intersects_list", LISTS, BOOL, intersects)],
};
