import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldErrorText } from "../meta/field-error.ts";
import type { KubeObject } from "../meta/types.ts";
import type { JsonSchema } from "./json-schema.ts";
import { nonStructuralMessage, structuralErrors, unsupportedField } from "./structural.ts";

function texts(schema: JsonSchema): string[] {
  return structuralErrors(schema, "S").map(fieldErrorText);
}

test("structuralErrors() accepts both ways of saying int-or-string", () => {
  const choice: JsonSchema[] = [{ type: "integer" }, { type: "string" }];
  const a: JsonSchema = { "x-kubernetes-int-or-string": true, anyOf: choice };
  const b: JsonSchema = { "x-kubernetes-int-or-string": true, allOf: [{ anyOf: choice }, { pattern: "a" }] };
  assert.deepEqual(texts({ type: "object", properties: { a, b } }), []);
});

test("structuralErrors() wants every validated field declared", () => {
  const schema: JsonSchema = {
    type: "object",
    properties: { a: { type: "array", items: { type: "string" } } },
    allOf: [{ properties: { b: { minimum: 1 }, a: { items: { pattern: "x" } } } }],
    not: { items: { minimum: 1 } },
  };
  assert.deepEqual(texts(schema), [
    "S.items: Required value: because it is defined in S.not.items",
    "S.properties[b]: Required value: because it is defined in S.allOf[0].properties[b]",
  ]);
});

test("structuralErrors() permits no declaration within junctors", () => {
  const schema: JsonSchema = {
    type: "object",
    properties: { a: { type: "string" }, metadata: { type: "object" } },
    anyOf: [
      { type: "object", nullable: true, default: {}, title: "t", properties: { metadata: {} } },
      { additionalProperties: true, "x-kubernetes-preserve-unknown-fields": true },
    ],
  };
  assert.deepEqual(texts(schema), [
    "S.anyOf[0].default: Forbidden: must be undefined to be structural",
    "S.anyOf[0].nullable: Forbidden: must be false to be structural",
    "S.anyOf[0].properties[metadata]: Forbidden: must not be specified in a nested context",
    "S.anyOf[0].title: Forbidden: must be empty to be structural",
    "S.anyOf[0].type: Forbidden: must be empty to be structural",
    "S.anyOf[1].additionalProperties: Forbidden: must be undefined to be structural",
    "S.anyOf[1].x-kubernetes-preserve-unknown-fields: Forbidden: must be false to be structural",
  ]);
});

test("structuralErrors() permits of root metadata only names to be described", () => {
  const describe = (metadata: JsonSchema): string[] => texts({ type: "object", properties: { metadata } });
  const detail = "must not specify anything other than name and generateName, but metadata is implicitly specified";
  assert.deepEqual(describe({ type: "object", properties: { name: { type: "string", pattern: "^a" } } }), []);
  assert.deepEqual(describe({ type: "object", description: "d" }), [`S.properties[metadata]: Forbidden: ${detail}`]);
  assert.deepEqual(describe({ type: "string" }), [
    'S.properties[metadata].type: Invalid value: "string": must be object',
  ]);
});

test("unsupportedField() names what has no place in a schema", () => {
  assert.equal(unsupportedField({ type: "object" }), undefined);
  assert.equal(
    unsupportedField({ type: "object", properties: { a: { $ref: "#/x" } } }),
    "OpenAPIV3Schema '$ref' is not supported",
  );
});

test("nonStructuralMessage() words the condition, by versions", () => {
  const crd = (schema: JsonSchema): KubeObject => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "a.b.c" },
    spec: { versions: [{ name: "v1", schema: { openAPIV3Schema: schema } }] },
  });
  assert.equal(nonStructuralMessage(crd({ type: "object" })), undefined);
  assert.equal(
    nonStructuralMessage(crd({})),
    "spec.versions[0].schema.openAPIV3Schema.type: Required value: must not be empty at the root",
  );
  assert.equal(
    nonStructuralMessage(crd({ type: "object", $ref: "#/x" })),
    "failed to check validation schema for version v1: OpenAPIV3Schema '$ref' is not supported",
  );
});
