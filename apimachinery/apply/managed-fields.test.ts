import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject, KubeObject, ManagedFieldsEntry } from "../meta/types.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { FieldSet } from "./field-set.ts";
import { type UpdateInput, updateManagedFields } from "./managed-fields.ts";

const text: JsonSchema = { type: "string" };
const schema: JsonSchema = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        n: { type: "integer" },
        colour: text,
        tags: { type: "array", items: text },
        names: { type: "object", additionalProperties: text },
        items: {
          type: "array",
          items: { type: "object", properties: { id: text } },
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["id"],
        },
      },
    },
    status: { type: "object", properties: { phase: text } },
  },
};
const apiVersion = "e.io/v1";
const first = "2024-01-01T00:00:00Z";
const second = "2024-01-01T00:00:10Z";

function sign(spec: JsonObject, metadata: Partial<KubeObject["metadata"]> = {}): KubeObject {
  return { apiVersion, kind: "Sign", metadata: { name: "s", ...metadata }, spec };
}

function update(input: Partial<UpdateInput> & Pick<UpdateInput, "next">): ManagedFieldsEntry[] {
  return updateManagedFields({ live: undefined, manager: "m", apiVersion, schema, now: second, ...input });
}

/** A stored object, written by `manager` at the first time. */
function stored(spec: JsonObject, manager = "m"): KubeObject {
  const object = sign(spec, { uid: "u" });
  object.metadata.managedFields = update({ next: sign(spec), manager, now: first });
  return object;
}

const entry = (manager: string, fieldsV1: JsonObject, time = second): ManagedFieldsEntry => ({
  manager,
  operation: "Update",
  apiVersion,
  time,
  fieldsType: "FieldsV1",
  fieldsV1,
});

describe("updateManagedFields()", () => {
  it("gives everything that is created to the creator, with the structs and lists on the way", () => {
    const next = sign(
      { n: 1, tags: ["a"], names: { k: "v" }, items: [{ id: "x" }] },
      { labels: { "a/b": "1" }, generation: 1, uid: "u" },
    );
    assert.deepEqual(update({ next }), [
      entry("m", {
        "f:metadata": { "f:labels": { ".": {}, "f:a/b": {} } },
        "f:spec": {
          ".": {},
          "f:items": { ".": {}, 'k:{"id":"x"}': { ".": {}, "f:id": {} } },
          "f:n": {},
          "f:names": { ".": {}, "f:k": {} },
          "f:tags": {},
        },
      }),
    ]);
  });

  it("leaves the structs to nobody that every object of a built-in kind has", () => {
    const empty = sign({ names: {}, items: null });
    const created = update({ next: sign({ names: { k: "v" }, items: [{ id: "x" }] }), empty });
    assert.deepEqual(created, [
      entry("m", { "f:spec": { "f:items": { 'k:{"id":"x"}': { ".": {}, "f:id": {} } }, "f:names": { "f:k": {} } } }),
    ]);
  });

  it("moves what changes to who changes it, and removed fields to nobody", () => {
    const live = stored({ n: 1, colour: "red", tags: ["a"] });
    const entries = update({ live, next: sign({ n: 2, tags: ["a"] }, { uid: "u" }), manager: "tailor" });
    assert.deepEqual(entries, [
      entry("m", { "f:spec": { ".": {}, "f:tags": {} } }, first),
      entry("tailor", { "f:spec": { "f:n": {} } }),
    ]);
  });

  it("adds to the entry that the manager has and renews its time", () => {
    const live = stored({ n: 1 });
    assert.deepEqual(update({ live, next: sign({ n: 1, colour: "red" }, { uid: "u" }) }), [
      entry("m", { "f:spec": { ".": {}, "f:colour": {}, "f:n": {} } }),
    ]);
  });

  it("keeps the entries, times included, when nothing changes", () => {
    const live = stored({ n: 1 });
    const entries = update({ live, next: sign({ n: 1 }, { uid: "u", resourceVersion: "2" }), manager: "other" });
    assert.deepEqual(entries, live.metadata.managedFields);
    assert.equal(entries[0], live.metadata.managedFields?.[0]);
  });

  it("names a client without a name unknown, and subresources", () => {
    assert.equal(update({ next: sign({ n: 1 }), manager: "" })[0]?.manager, "unknown");
    assert.equal(update({ next: sign({ n: 1 }), subresource: "status" })[0]?.subresource, "status");
  });

  it("does not record fields that the write does not decide about", () => {
    const next = { ...sign({ n: 1 }), status: { phase: "P" } };
    assert.deepEqual(update({ next, resetFields: FieldSet.ofFields(["status"]) }), [
      entry("m", { "f:spec": { ".": {}, "f:n": {} } }),
    ]);
  });

  const sentCases: [title: string, sent: unknown][] = [
    ["null", null],
    ["an unknown operation", [{ manager: "x", operation: "Fly", apiVersion, fieldsType: "FieldsV1", fieldsV1: {} }]],
    ["another fieldsType", [{ manager: "x", operation: "Update", apiVersion, fieldsType: "FieldsV2", fieldsV1: {} }]],
    ["no fieldsType", [{ manager: "x", operation: "Update", apiVersion, fieldsV1: {} }]],
    ["no apiVersion", [{ manager: "x", operation: "Update", fieldsType: "FieldsV1", fieldsV1: {} }]],
    [
      "malformed fields",
      [{ manager: "x", operation: "Update", apiVersion, fieldsType: "FieldsV1", fieldsV1: { spec: {} } }],
    ],
    [
      "a time that is none",
      [{ manager: "x", operation: "Update", apiVersion, fieldsType: "FieldsV1", fieldsV1: {}, time: "now" }],
    ],
    ["an entry that is no object", ["x"]],
    ["something that is no list", "x"],
  ];
  for (const [title, sent] of sentCases) {
    it(`keeps the stored entries when a client sends ${title}`, () => {
      const live = stored({ n: 1 });
      const next = sign({ n: 1 }, { uid: "u", managedFields: sent as ManagedFieldsEntry[] });
      assert.deepEqual(update({ live, next }), live.metadata.managedFields);
    });
  }

  it("clears the entries for [] and [{}], and does not start anew by an update", () => {
    for (const managedFields of [[], [{}]]) {
      assert.deepEqual(update({ live: stored({ n: 1 }), next: sign({ n: 2 }, { uid: "u", managedFields }) }), []);
    }
    assert.deepEqual(update({ live: sign({ n: 1 }, { uid: "u" }), next: sign({ n: 2 }, { uid: "u" }) }), []);
  });

  it("takes what a client sends for the truth, in its own spelling, and what changes away from it", () => {
    const managedFields = [entry("kubectl", { "f:spec": { "f:n": {}, "f:items": { 'k:{ "id" : "x" }': {} } } }, first)];
    const entries = update({ live: stored({ n: 1 }), next: sign({ n: 2 }, { uid: "u", managedFields }), manager: "z" });
    assert.deepEqual(entries, [
      entry("kubectl", { "f:spec": { "f:items": { 'k:{"id":"x"}': {} } } }, first),
      entry("z", { "f:spec": { "f:n": {} } }),
    ]);
  });

  it("ignores what a client sends through a subresource", () => {
    const live = stored({ n: 1 });
    const next = sign({ n: 1 }, { uid: "u", managedFields: [] });
    assert.deepEqual(update({ live, next, subresource: "status" }), live.metadata.managedFields);
  });

  it("gives a repeated item up to no one below its key", () => {
    const live = stored({ items: [{ id: "x" }] });
    const entries = update({ live, next: sign({ items: [{ id: "x" }, { id: "x" }] }, { uid: "u" }), manager: "z" });
    assert.deepEqual(
      entries.map((e) => [e.manager, e.fieldsV1]),
      [
        ["m", { "f:spec": { ".": {}, "f:items": {} } }],
        ["z", { "f:spec": { "f:items": { 'k:{"id":"x"}': {} } } }],
      ],
    );
  });

  it("gives the entries up when list items have no key", () => {
    assert.deepEqual(update({ live: stored({ n: 1 }), next: sign({ items: [{}] }, { uid: "u" }) }), []);
  });

  it("merges the oldest of more than ten updaters", () => {
    let live = stored({ names: {} }, "m0");
    for (let i = 1; i <= 11; i++) {
      const names = { ...(live["spec"] as { names: JsonObject }).names, [`k${i}`]: "v" };
      const next = sign({ names }, { uid: "u" });
      const now = `2024-01-01T00:01:${String(i).padStart(2, "0")}Z`;
      next.metadata.managedFields = update({ live, next, manager: `m${i}`, now });
      live = next;
    }
    const entries = live.metadata.managedFields ?? [];
    assert.equal(entries.length, 10);
    assert.deepEqual(
      entries[0],
      entry(
        "ancient-changes",
        {
          "f:spec": { ".": {}, "f:names": { ".": {}, "f:k1": {}, "f:k2": {} } },
        },
        "2024-01-01T00:01:02Z",
      ),
    );
    assert.deepEqual(
      entries.slice(1, 3).map((e) => e.manager),
      ["m3", "m4"],
    );
  });

  it("owns a list as a whole once its type has become atomic", () => {
    const live = stored({ items: [{ id: "x" }] });
    const atomic = structuredClone(schema);
    const spec = atomic.properties?.["spec"] as { properties: Record<string, JsonSchema> };
    spec.properties["items"] = { type: "array", items: { type: "object" }, "x-kubernetes-list-type": "atomic" };
    const next = sign({ items: [{ id: "x" }], n: 1 }, { uid: "u" });
    assert.deepEqual(update({ live, next, schema: atomic }), [
      entry("m", { "f:spec": { ".": {}, "f:items": {}, "f:n": {} } }),
    ]);
  });

  it("bounds nesting", () => {
    let deep: JsonObject = { n: 1 };
    for (let i = 0; i < 50_000; i++) deep = { a: deep };
    const open: JsonSchema = {
      type: "object",
      properties: { spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
    };
    const entries = update({ next: sign(deep), schema: open });
    const live = { ...sign(deep, { uid: "u", managedFields: entries }) };
    assert.deepEqual(update({ live, next: sign(structuredClone({ b: 1 }), { uid: "u" }), schema: open }).length, 1);
  });
});

describe("updateManagedFields() across versions", () => {
  const v = (name: string, properties: string[]): JsonSchema => ({
    type: "object",
    title: name,
    properties: {
      spec: { type: "object", properties: Object.fromEntries(properties.map((p) => [p, { type: "string" }])) },
    },
  });
  const v1 = v("v1", ["both", "fresh"]);
  const old = v("v0", ["both"]);
  const keep = (names: string[]) => (object: KubeObject) => {
    const spec = object["spec"] as JsonObject;
    return {
      ...object,
      apiVersion: "e.io/v0",
      spec: Object.fromEntries(names.filter((n) => n in spec).map((n) => [n, spec[n]])),
    };
  };
  const live: KubeObject = sign(
    { both: "1", fresh: "f" },
    {
      uid: "u",
      managedFields: [{ ...entry("older", { "f:spec": { "f:both": {} } }, first), apiVersion: "e.io/v0" }],
    },
  );
  const next = sign({ both: "2", fresh: "f" }, { uid: "u" });

  it("judges an entry in the version it was written in", () => {
    const versions = (name: string) => (name === "e.io/v0" ? { schema: old, convert: keep(["both"]) } : undefined);
    assert.deepEqual(
      update({ live, next, schema: v1, versions }).map((e) => [e.manager, e.apiVersion, e.fieldsV1]),
      [["m", "e.io/v1", { "f:spec": { "f:both": {} } }]],
    );
  });

  it("drops entries of versions that are gone", () => {
    assert.deepEqual(update({ live, next: live, schema: v1, versions: () => undefined }), []);
  });

  it("gives the entries up when an object does not convert", () => {
    const versions = () => ({ schema: old, convert: keep(["both", "fresh"]) });
    assert.deepEqual(update({ live, next, schema: v1, versions }), []);
  });
});
