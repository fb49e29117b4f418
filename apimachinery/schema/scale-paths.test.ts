import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldErrorText } from "../meta/field-error.ts";
import type { JsonObject } from "../meta/types.ts";
import { scaleSpecErrors, scaleStatusErrors } from "./scale-paths.ts";

const SCALE = {
  specReplicasPath: ".spec.replicas",
  statusReplicasPath: ".status.replicas",
  labelSelectorPath: ".status.selector",
};

function specTexts(object: JsonObject): string[] {
  return scaleSpecErrors(object, SCALE).map(fieldErrorText);
}

test("scaleSpecErrors() wants a count that is not negative and fits 32 bits, if there is one", () => {
  assert.deepEqual(specTexts({}), []);
  assert.deepEqual(specTexts({ spec: { replicas: 3 } }), []);
  assert.deepEqual(specTexts({ spec: { replicas: -1 } }), [
    ".spec.replicas: Invalid value: -1: should be a non-negative integer",
  ]);
  assert.deepEqual(specTexts({ spec: { replicas: 2147483648 } }), [
    ".spec.replicas: Invalid value: 2147483648: should be less than or equal to 2147483647",
  ]);
});

test("scale paths report what stands in their way", () => {
  assert.deepEqual(specTexts({ spec: { replicas: "x" } }), [
    ".spec.replicas: Invalid value: 0: .spec.replicas accessor error: x is of the type string, expected int64",
  ]);
  assert.deepEqual(specTexts({ spec: "x" }), [
    ".spec.replicas: Invalid value: 0: .spec.replicas accessor error: x is of the type string, expected map[string]interface{}",
  ]);
  const errors = scaleStatusErrors({ status: { replicas: 1, selector: 5 } }, SCALE);
  assert.deepEqual(errors.map(fieldErrorText), [
    '.status.selector: Invalid value: "": .status.selector accessor error: 5 is of the type int64, expected string',
  ]);
});
