import assert from "node:assert/strict";
import { test } from "node:test";
import { HoldfastError } from "@holdfast/base/errors/holdfast-error";
import type { Json, JsonObject } from "../meta/types.ts";
import type { JsonSchema } from "./json-schema.ts";
import { pruneObject } from "./prune.ts";

/** The definition of Post in the recordings (fieldvalidation-a). */
const POST: JsonSchema = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        n: { type: "integer" },
        list: { type: "array", items: { type: "object", properties: { a: { type: "integer" } } } },
        m: { type: "object", additionalProperties: { type: "string" } },
        open: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        e: {
          type: "object",
          "x-kubernetes-preserve-unknown-fields": true,
          "x-kubernetes-embedded-resource": true,
        },
      },
    },
  },
};

function pruned(
  value: JsonObject,
  schema: JsonSchema,
  isResourceRoot = true,
): { value: JsonObject; unknown: string[] } {
  const unknown: string[] = [];
  pruneObject(value, schema, { isResourceRoot, unknown });
  return { value, unknown };
}

test("pruneObject() drops undeclared fields at every level and reports them sorted", () => {
  const body = { spec: { zz: 1, list: [{ a: 1, b: 2 }, { c: 3 }], n: 1 }, top: 1 };
  assert.deepEqual(pruned(body, POST), {
    value: { spec: { list: [{ a: 1 }, {}], n: 1 } },
    unknown: ["spec.list[0].b", "spec.list[1].c", "spec.zz", "top"],
  });
});

test("pruneObject() keeps apiVersion, kind and metadata at the root of a resource only", () => {
  const body = { apiVersion: "v1", kind: "K", metadata: { any: 1 } };
  assert.deepEqual(pruned({ ...body }, { type: "object" }).value, body);
  assert.deepEqual(pruned({ ...body }, { type: "object" }, false).value, {});
});

test("pruneObject() keeps everything in an open object, and the meta fields of an embedded one", () => {
  const body: JsonObject = {
    spec: { open: { zz: { y: [1, null] } }, e: { apiVersion: "v1", kind: "K", metadata: { zz: 1 }, other: 1 } },
  };
  assert.deepEqual(pruned(structuredClone(body), POST), { value: body, unknown: [] });
});

test("pruneObject() prunes again below a declared field of an open object", () => {
  const schema: JsonSchema = {
    type: "object",
    "x-kubernetes-preserve-unknown-fields": true,
    properties: { a: { type: "object", properties: { b: { type: "string" } } } },
  };
  assert.deepEqual(pruned({ a: { b: "x", c: 1 }, z: { c: 1 } }, schema), {
    value: { a: { b: "x" }, z: { c: 1 } },
    unknown: ["a.c"],
  });
});

test("pruneObject() preserves unknown fields in the items of a preserving list", () => {
  const list: JsonSchema = {
    type: "array",
    "x-kubernetes-preserve-unknown-fields": true,
    items: { type: "object", properties: { a: { type: "object" } } },
  };
  const value = { l: [{ a: { x: 1 }, y: { z: 1 } }] };
  assert.deepEqual(pruned(value, { type: "object", properties: { l: list } }).value, { l: [{ a: {}, y: { z: 1 } }] });
});

test("pruneObject() keeps keys of `additionalProperties: true` but nothing below them", () => {
  const schema: JsonSchema = { type: "object", additionalProperties: true };
  assert.deepEqual(pruned({ a: 1, b: { c: 1 }, d: [{ e: 1 }, 2] }, schema), {
    value: { a: 1, b: {}, d: [{}, 2] },
    unknown: ["b.c", "d[0].e"],
  });
});

test("pruneObject() drops `__proto__` and the names of prototypes like any other key", () => {
  const value = JSON.parse('{"__proto__":{"x":1},"constructor":{"y":1},"toString":1,"ok":1}') as JsonObject;
  pruneObject(value, { type: "object", properties: { ok: { type: "integer" } } });
  assert.equal(JSON.stringify(value), '{"ok":1}');
  assert.equal(({} as Record<string, unknown>)["x"], undefined);
});

test("pruneObject() refuses values nested beyond a thousand levels", () => {
  let deep: Json = 1;
  for (let i = 0; i < 9_000; i++) deep = [deep];
  const code = (error: unknown): boolean => error instanceof HoldfastError && error.code === "SCHEMA_VALUE_TOO_DEEP";
  assert.throws(() => pruneObject({ a: deep }, { type: "object", properties: { a: { type: "string" } } }), code);
});
