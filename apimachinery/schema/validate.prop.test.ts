import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Json, JsonObject } from "../meta/types.ts";
import { applyDefaults } from "./defaults.ts";
import type { JsonSchema } from "./json-schema.ts";
import { pruneObject } from "./prune.ts";
import { compileValidator } from "./validate.ts";

const name = fc.constantFrom("a", "b", "c", "__proto__", "toString");

const scalarSchema: fc.Arbitrary<JsonSchema> = fc.oneof(
  fc.record({ type: fc.constant("string"), maxLength: fc.nat(4), nullable: fc.boolean() }, { requiredKeys: ["type"] }),
  fc.record({ type: fc.constant("integer"), minimum: fc.integer({ min: -3, max: 3 }) }, { requiredKeys: ["type"] }),
  fc.constant<JsonSchema>({ type: "string", default: "d" }),
  fc.constant<JsonSchema>({ type: "boolean" }),
  fc.constant<JsonSchema>({ "x-kubernetes-int-or-string": true }),
  fc.constant<JsonSchema>({ "x-kubernetes-preserve-unknown-fields": true }),
);

const { schema } = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalarSchema,
    fc.record({
      type: fc.constant("object"),
      properties: fc
        .array(fc.tuple(name, tie("schema")), { maxLength: 3 })
        .map((entries) => Object.fromEntries(entries)),
    }),
    fc.record({ type: fc.constant("object"), additionalProperties: tie("schema") }),
    fc.record({ type: fc.constant("array"), items: tie("schema") }),
    fc.record({ type: fc.constant("array"), items: tie("schema"), "x-kubernetes-list-type": fc.constant("set") }),
  ) as fc.Arbitrary<JsonSchema>,
}));

const root = schema.map((spec): JsonSchema => ({ type: "object", properties: { spec } }));
const value = fc
  .letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom<Json>(null, true, "", "a", "hello", 0, 1, 2.5, -7),
      fc.array(tie("json"), { maxLength: 3 }),
      fc.dictionary(name, tie("json"), { maxKeys: 3 }),
    ),
  }))
  .json.map((spec): JsonObject => ({ spec, extra: 1 }));

test("pruning twice is pruning once, and finds nothing the second time", () => {
  fc.assert(
    fc.property(root, value, (shape, object) => {
      pruneObject(object, shape);
      const once = JSON.stringify(object);
      const unknown: string[] = [];
      pruneObject(object, shape, { unknown });
      assert.equal(JSON.stringify(object), once);
      assert.deepEqual(unknown, []);
    }),
  );
});

test("defaulting twice is defaulting once, and changes no verdict", () => {
  fc.assert(
    fc.property(root, value, (shape, object) => {
      applyDefaults(object, shape);
      const once = JSON.stringify(object);
      const verdict = compileValidator(shape).validate(object);
      applyDefaults(object, shape);
      assert.equal(JSON.stringify(object), once);
      assert.deepEqual(compileValidator(shape).validate(object), verdict);
    }),
  );
});

test("a pruned object replaced by itself violates nothing that it is known to declare", () => {
  fc.assert(
    fc.property(root, value, (shape, object) => {
      pruneObject(object, shape);
      applyDefaults(object, shape);
      const same = JSON.parse(JSON.stringify(object)) as JsonObject;
      // Fields that an open object keeps count as changed, so what stands beside them is judged again.
      if (JSON.stringify(shape).includes("preserve-unknown-fields")) return;
      assert.deepEqual(compileValidator(shape).validateUpdate(object, same), []);
    }),
  );
});

test("an update never finds more than a creation", () => {
  fc.assert(
    fc.property(root, value, value, (shape, object, old) => {
      const validator = compileValidator(shape);
      const found = new Set(validator.validate(object).map((error) => JSON.stringify(error)));
      for (const error of validator.validateUpdate(object, old)) assert.ok(found.has(JSON.stringify(error)));
    }),
  );
});
