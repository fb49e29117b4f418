import assert from "node:assert/strict";
import { test } from "node:test";
import { forbidden, required } from "@holdfast/apimachinery/meta/field-error";
import { decideBy, refuseFindings } from "./decision.ts";
import { REFUSALS } from "./refusal-codes.ts";

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
