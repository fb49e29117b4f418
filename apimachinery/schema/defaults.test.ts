import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json, JsonObject } from "../meta/types.ts";
import { applyDefaults } from "./defaults.ts";
import type { JsonSchema } from "./json-schema.ts";

/** After the definition of Packet in the recordings (defaults-a). */
const PACKET: JsonSchema = {
  type: "object",
  properties: {
    name: { type: "string", default: "plain" },
    depth: { type: "integer", default: 3 },
    on: { type: "boolean", default: false },
    nul: { type: "string", nullable: true, default: "d" },
    plain: { type: "string" },
    auto: { type: "object", default: {}, properties: { a: { type: "string", default: "x" } } },
    size: { type: "object", properties: { w: { type: "integer", default: 1 } } },
    words: { type: "array", items: { type: "string" }, default: ["a", "b"] },
    list: { type: "array", items: { type: "object", properties: { p: { type: "integer", default: 80 } } } },
    table: {
      type: "object",
      additionalProperties: { type: "object", properties: { v: { type: "integer", default: 7 } } },
    },
  },
};

const EMPTY = { name: "plain", depth: 3, on: false, nul: "d", auto: { a: "x" }, words: ["a", "b"] };

function filled(value: JsonObject): JsonObject {
  applyDefaults(value, PACKET);
  return value;
}

test("applyDefaults() fills what is missing, and within defaults", () => {
  assert.deepEqual(filled({}), EMPTY);
});

test("applyDefaults() takes zero values for values", () => {
  const given = { depth: 0, name: "", on: false, words: [], auto: { a: "" } };
  assert.deepEqual(filled({ ...given }), { ...given, nul: "d" });
});

test("applyDefaults() fills objects in lists and maps but makes none", () => {
  const value = { size: {}, list: [{}, { p: 1 }], table: { a: {} } };
  assert.deepEqual(filled(value), { ...EMPTY, size: { w: 1 }, list: [{ p: 80 }, { p: 1 }], table: { a: { v: 7 } } });
});

test("applyDefaults() replaces a null that is not allowed by the default, or drops it", () => {
  const value = { name: null, plain: null, nul: null, size: null, words: null, table: { a: null } };
  assert.deepEqual(filled(value), { ...EMPTY, nul: null, table: {} });
});

test("applyDefaults() leaves a null in a list where items have no default", () => {
  assert.deepEqual(filled({ words: [null, "x"] }).words, [null, "x"]);
  const schema: JsonSchema = { type: "array", items: { type: "integer", default: 3 } };
  const list: Json = [null, 1];
  applyDefaults(list, schema);
  assert.deepEqual(list, [3, 1]);
});

test("applyDefaults() gives a null in a map the default of the map's values", () => {
  const value = { a: null, b: 1 };
  applyDefaults(value, { type: "object", additionalProperties: { type: "integer", default: 5 } });
  assert.deepEqual(value, { a: 5, b: 1 });
});

test("applyDefaults() copies defaults", () => {
  const first = filled({});
  (first["words"] as Json[]).push("c");
  (first["auto"] as JsonObject)["a"] = "changed";
  assert.deepEqual(filled({}), EMPTY);
});

test("applyDefaults() ignores `default: null`, and drops nulls where nothing is known of nullability", () => {
  const value = { a: null };
  applyDefaults(value, { type: "object", properties: { a: { "x-kubernetes-int-or-string": true, default: null } } });
  assert.deepEqual(value, {});
});

test("applyDefaults() keeps what an open object holds", () => {
  const value = { x: { y: null }, n: null };
  applyDefaults(value, { type: "object", "x-kubernetes-preserve-unknown-fields": true });
  assert.deepEqual(value, { x: { y: null }, n: null });
});

test("applyDefaults() sets a property named `__proto__` as data", () => {
  const properties = JSON.parse('{"__proto__":{"type":"string","default":"x"}}') as Record<string, JsonSchema>;
  const value: JsonObject = {};
  applyDefaults(value, { type: "object", properties });
  assert.equal(JSON.stringify(value), '{"__proto__":"x"}');
});
