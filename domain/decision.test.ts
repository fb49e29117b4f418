import assert from "node:assert/strict";
import { test } from "node:test";
import { forbidden, required } from "@holdfast/apimachinery/meta/field-error";
import { decideBy, refuseFindings } from "./decision.ts";
import { REFUSALS } from "./refusal-codes.ts";
import { sameJson } from "./same-json.ts";

test("decideBy() allows without findings, and refuses with the code and field of the first", () => {
  assert.deepEqual(decideBy([], ["w"]), { allowed: true, warnings: ["w"], mutate: [] });
  const decision = decideBy([
    { code: "POOL_SPEC", error: required("spec.a", "first") },
    { code: "POOL_IN_USE", error: forbidden("spec.b", "second") },
  ]);
  assert.deepEqual(decision, {
    allowed: false,
    code: "POOL_SPEC",
    message: "[spec.a: Required value: first, spec.b: Forbidden: second]",
    field: "spec.a",
    causes: [required("spec.a", "first"), forbidden("spec.b", "second")],
    warnings: [],
  });
});

test("refuseFindings() without a finding is a programming error", () => {
  assert.throws(() => refuseFindings([]), TypeError);
});

test("every refusal says what it means and how to get past it", () => {
  for (const [code, sentence] of Object.entries(REFUSALS)) assert.match(sentence, /^[A-Za-z].*: .*\.$/, code);
});

test("sameJson() compares by content, not by order of keys or absent values", () => {
  assert.equal(sameJson({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }), true);
  assert.equal(sameJson({ a: 1, b: undefined }, { a: 1 }), true);
  assert.equal(sameJson([1, 2], [2, 1]), false);
  assert.equal(sameJson({ a: 1 }, { a: 1, b: 2 }), false);
  assert.equal(sameJson([], {}), false);
  assert.equal(sameJson(null, {}), false);
  assert.equal(sameJson(undefined, undefined), true);
  assert.equal(sameJson(JSON.parse('{"__proto__":{"x":1}}'), {}), false);
});
