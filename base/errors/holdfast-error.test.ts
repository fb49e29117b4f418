import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNever } from "./assert-never.ts";
import { defineErrors } from "./holdfast-error.ts";

const table = defineErrors({
  T_FULL: { message: "Cannot store {name}: {bytes} bytes, the limit is {limit}", fault: "caller", retry: "never" },
  T_AWAY: { message: "Cannot reach {peer}", fault: "upstream", retry: "later" },
});

test("an error has its code, its filled sentence, whose fault it is and whether to try again", () => {
  const error = table.create("T_FULL", { name: "x", bytes: 5, limit: 4 });
  assert.equal(error.message, "Cannot store x: 5 bytes, the limit is 4");
  assert.equal(error.code, "T_FULL");
  assert.equal(error.fault, "caller");
  assert.equal(error.retry, "never");
});

test("a peer's own advice replaces the table's, and the cause is kept", () => {
  const cause = new Error("reset");
  const error = table.create("T_AWAY", { peer: "p" }, { cause, retry: { afterMs: 50 } });
  assert.deepEqual(error.retry, { afterMs: 50 });
  assert.equal(error.cause, cause);
});

test("a table knows its own errors from others'", () => {
  assert.equal(table.owns(table.create("T_AWAY")), true);
  assert.equal(
    table.owns(defineErrors({ OTHER: { message: "x", fault: "us", retry: "never" } }).create("OTHER")),
    false,
  );
  assert.equal(table.owns(new Error("T_AWAY")), false);
});

test("a parameter that is missing stays visible in the sentence", () => {
  assert.equal(table.create("T_AWAY").message, "Cannot reach {peer}");
});

test("a case nobody handled is an error", () => {
  assert.throws(() => assertNever("x" as never), { message: 'Cannot handle: unexpected value "x"' });
});
