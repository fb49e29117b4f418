import assert from "node:assert/strict";
import { test } from "node:test";
import { compareVersions } from "./version-order.ts";

test("stable versions come before beta and alpha, newer before older, other names last", () => {
  const names = ["v1alpha1", "stable", "v2beta1", "v1", "v10", "v1beta1", "v2", "canary"];
  assert.deepEqual(names.sort(compareVersions), [
    "v10",
    "v2",
    "v1",
    "v2beta1",
    "v1beta1",
    "v1alpha1",
    "canary",
    "stable",
  ]);
});

test("a name equals itself", () => {
  assert.equal(compareVersions("v1", "v1"), 0);
  assert.equal(compareVersions("x", "x"), 0);
});
