import assert from "node:assert/strict";
import { test } from "node:test";
import { provedRows, rowIdsOf, seedRows } from "./rows.ts";

test("the 430 rows have ids of their own", () => {
  const ids = seedRows().map((row) => row.id);
  assert.equal(ids.length, 430);
  assert.equal(new Set(ids).size, 430);
});

test("a title may carry several ids", () => {
  assert.deepEqual(rowIdsOf("[bt-routed] [bt-environments] a Team is judged"), ["bt-routed", "bt-environments"]);
});

test("a row counts only when none of its tests failed", () => {
  const rows = [{ id: "a" }, { id: "b" }, { id: "c" }] as unknown as Parameters<typeof provedRows>[0];
  const proved = provedRows(rows, [
    { title: "[a] x", passed: true },
    { title: "[b] x", passed: true },
    { title: "[b] y", passed: false },
    { title: "[nonesuch] z", passed: true },
  ]);
  assert.deepEqual([...proved], ["a"]);
});
