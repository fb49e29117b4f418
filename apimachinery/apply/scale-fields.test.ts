import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject, ManagedFieldsEntry } from "../meta/types.ts";
import { parentManagedFields, scaleManagedFields } from "./scale-fields.ts";

const paths = new Map([["mill.example.io/v1", ["spec", "rows"]]]);
const entry = (
  manager: string,
  operation: "Apply" | "Update",
  fieldsV1: JsonObject,
  more: Partial<ManagedFieldsEntry> = {},
): ManagedFieldsEntry => ({
  manager,
  operation,
  apiVersion: "mill.example.io/v1",
  time: "2024-01-01T00:00:00Z",
  fieldsType: "FieldsV1",
  fieldsV1,
  ...more,
});
const rows = { "f:spec": { "f:rows": {} } };
const replicas = { "f:spec": { "f:replicas": {} } };
const asScale = { apiVersion: "autoscaling/v1" };

describe("scaleManagedFields()", () => {
  it("shows who owns the replicas, under the name they have in a Scale", () => {
    const parent = [
      entry("anna", "Apply", { "f:spec": { "f:grain": {}, "f:rows": {} } }),
      entry("bert", "Update", { "f:spec": { "f:grain": {} } }),
      entry("old", "Update", rows, { apiVersion: "mill.example.io/v0" }),
    ];
    assert.deepEqual(scaleManagedFields(parent, paths), [entry("anna", "Apply", replicas, asScale)]);
  });

  it("shows nobody where the entries are malformed", () => {
    assert.deepEqual(scaleManagedFields([{ manager: "x" }], paths), []);
  });
});

describe("parentManagedFields()", () => {
  const to = { paths, apiVersion: "mill.example.io/v1" };

  it("moves the replicas to who wrote the Scale", () => {
    const parent = [entry("gardener", "Update", { "f:spec": { ".": {}, "f:grain": {}, "f:rows": {} } })];
    const scale = [entry("scaler", "Update", replicas, { ...asScale, subresource: "scale" })];
    const { time: _, ...untimed } = entry("scaler", "Update", rows, { subresource: "scale" });
    assert.deepEqual(parentManagedFields(parent, scale, to), [
      untimed,
      entry("gardener", "Update", { "f:spec": { ".": {}, "f:grain": {} } }),
    ]);
  });

  it("leaves an applier what it still owns in the Scale, and other entries as they are", () => {
    const parent = [
      entry("anna", "Apply", { "f:spec": { "f:grain": {}, "f:rows": {} } }),
      entry("bert", "Apply", { "f:metadata": {} }),
    ];
    assert.deepEqual(parentManagedFields(parent, [entry("anna", "Apply", replicas, asScale)], to), parent);
  });

  it("drops an entry that owned nothing else, and entries of unknown versions", () => {
    const parent = [entry("anna", "Apply", rows), entry("old", "Apply", rows, { apiVersion: "mill.example.io/v0" })];
    assert.deepEqual(parentManagedFields(parent, [], to), []);
  });
});
