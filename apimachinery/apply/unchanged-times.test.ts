import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubeObject } from "../meta/types.ts";
import { keepUnchangedTimes } from "./unchanged-times.ts";

function object(time: string, n = 1, fields: Record<string, Record<string, never>> = { "f:n": {} }): KubeObject {
  const managedFields = [
    {
      manager: "m",
      operation: "Update" as const,
      apiVersion: "v1",
      time,
      fieldsType: "FieldsV1" as const,
      fieldsV1: fields,
    },
  ];
  return { apiVersion: "v1", kind: "K", metadata: { name: "a", managedFields }, n };
}

describe("keepUnchangedTimes()", () => {
  it("gives old times back when only times changed", () => {
    assert.deepEqual(
      keepUnchangedTimes(object("2024-01-01T00:00:00Z"), object("2025-01-01T00:00:00Z")),
      object("2024-01-01T00:00:00Z"),
    );
  });

  it("leaves new times to objects, entries and numbers of entries that changed", () => {
    const live = object("2024-01-01T00:00:00Z");
    const changed = [object("2025-01-01T00:00:00Z", 2), object("2025-01-01T00:00:00Z", 1, { "f:m": {} })];
    for (const next of changed) assert.equal(keepUnchangedTimes(live, next), next);
    const without: KubeObject = { apiVersion: "v1", kind: "K", metadata: { name: "a" } };
    assert.equal(keepUnchangedTimes(live, without), without);
    assert.equal(keepUnchangedTimes(without, live), live);
  });
});
