import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldErrorText } from "../meta/field-error.ts";
import { defaultCustomResourceDefinition, validateCustomResourceDefinition } from "./crd-validation.ts";
import type { JsonSchema } from "./json-schema.ts";

/** What a definition's schema says, the schema, the complaints. Recorded: crd-a and defaults-a; `S` is the schema's path. */
const CASES = [
  ["root not an object", { type: "string" }, ['S.type: Invalid value: "string": must be object at the root']],
  ["root without a type", { properties: {} }, ["S.type: Required value: must not be empty at the root"]],
  [
    "root with a bad metadata",
    {
      type: "object",
      properties: {
        metadata: {
          type: "object",
          properties: {
            labels: { type: "object", additionalProperties: { type: "string" } },
            name: { type: "string", pattern: "x" },
          },
        },
      },
    },
    [
      "S.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified",
    ],
  ],
  [
    "metadata as a string",
    { type: "object", properties: { metadata: { type: "string" } } },
    ['S.properties[metadata].type: Invalid value: "string": must be object'],
  ],
  [
    "apiVersion as an int",
    { type: "object", properties: { apiVersion: { type: "integer" } } },
    ['S.properties[apiVersion].type: Invalid value: "integer": must be string'],
  ],
  ["root preserves", { type: "object", "x-kubernetes-preserve-unknown-fields": true }, []],
  [
    "no type",
    { type: "object", properties: { spec: { type: "object", properties: { a: { description: "x" } } } } },
    ["S.properties[spec].properties[a].type: Required value: must not be empty for specified object fields"],
  ],
  [
    "unknown type",
    { type: "object", properties: { spec: { type: "object", properties: { a: { type: "text" } } } } },
    [
      'S.properties[spec].properties[a].type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"',
    ],
  ],
  [
    "null type",
    { type: "object", properties: { spec: { type: "object", properties: { a: { type: "null" } } } } },
    [
      'S.properties[spec].properties[a].type: Unsupported value: "null": supported values: "array", "boolean", "integer", "number", "object", "string"',
      "S.properties[spec].properties[a].type: Forbidden: type cannot be set to null, use nullable as an alternative",
    ],
  ],
  [
    "array without items",
    { type: "object", properties: { spec: { type: "object", properties: { a: { type: "array" } } } } },
    ["S.properties[spec].properties[a].items: Required value: must be specified"],
  ],
  [
    "items as a list",
    {
      type: "object",
      properties: { spec: { type: "object", properties: { a: { type: "array", items: [{ type: "string" }] } } } },
    },
    ["S.properties[spec].properties[a].items: Forbidden: items must be a schema object and not an array"],
  ],
  [
    "properties and additionalProperties",
    {
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: {
            a: { type: "object", properties: { a: { type: "integer" } }, additionalProperties: { type: "string" } },
          },
        },
      },
    },
    [
      "S.properties[spec].properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive",
    ],
  ],
  [
    "additionalProperties false",
    {
      type: "object",
      properties: { spec: { type: "object", properties: { a: { type: "object", additionalProperties: false } } } },
    },
    [],
  ],
  [
    "additionalProperties true",
    {
      type: "object",
      properties: { spec: { type: "object", properties: { a: { type: "object", additionalProperties: true } } } },
    },
    [],
  ],
  [
    "uniqueItems",
    {
      type: "object",
      properties: {
        spec: { type: "object", properties: { a: { type: "array", items: { type: "string" }, uniqueItems: true } } },
      },
    },
    [
      "S.properties[spec].properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
    ],
  ],
  [
    "uniqueItems false",
    {
      type: "object",
      properties: {
        spec: { type: "object", properties: { a: { type: "array", items: { type: "string" }, uniqueItems: false } } },
      },
    },
    [],
  ],
  [
    "ref",
    { type: "object", properties: { spec: { type: "object", properties: { a: { $ref: "#/definitions/x" } } } } },
    ["S.properties[spec].properties[a].$ref: Forbidden: $ref is not supported"],
  ],
  [
    "patternProperties",
    {
      type: "object",
      properties: {
        spec: { type: "object", properties: { a: { type: "object", patternProperties: { a: { type: "string" } } } } },
      },
    },
    ["S.properties[spec].properties[a].patternProperties: Forbidden: patternProperties is not supported"],
  ],
  [
    "bad pattern",
    { type: "object", properties: { spec: { type: "object", properties: { a: { type: "string", pattern: "(" } } } } },
    [
      'S.properties[spec].properties[a].pattern: Invalid value: "(": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ): `(`',
    ],
  ],
  [
    "lookahead",
    {
      type: "object",
      properties: { spec: { type: "object", properties: { a: { type: "string", pattern: "(?=a)" } } } },
    },
    [
      'S.properties[spec].properties[a].pattern: Invalid value: "(?=a)": must be a valid regular expression, but isn\'t: error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
    ],
  ],
  [
    "type in anyOf",
    {
      type: "object",
      properties: { spec: { type: "object", properties: { a: { type: "integer", anyOf: [{ type: "string" }] } } } },
    },
    ["S.properties[spec].properties[a].anyOf[0].type: Forbidden: must be empty to be structural"],
  ],
  [
    "properties only in allOf",
    {
      type: "object",
      properties: {
        spec: { type: "object", properties: { a: { type: "object", allOf: [{ properties: { z: { minimum: 1 } } }] } } },
      },
    },
    [],
  ],
  [
    "description in not",
    {
      type: "object",
      properties: {
        spec: { type: "object", properties: { a: { type: "string", not: { description: "x", enum: ["a"] } } } },
      },
    },
    ["S.properties[spec].properties[a].not.description: Forbidden: must be empty to be structural"],
  ],
  [
    "nullable in oneOf",
    {
      type: "object",
      properties: { spec: { type: "object", properties: { a: { type: "string", oneOf: [{ nullable: true }] } } } },
    },
    ["S.properties[spec].properties[a].oneOf[0].nullable: Forbidden: must be false to be structural"],
  ],
  [
    "int-or-string with a type",
    {
      type: "object",
      properties: {
        spec: { type: "object", properties: { a: { type: "string", "x-kubernetes-int-or-string": true } } },
      },
    },
    [],
  ],
  [
    "int-or-string with another anyOf",
    {
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: { a: { "x-kubernetes-int-or-string": true, anyOf: [{ type: "string" }, { type: "integer" }] } },
        },
      },
    },
    [
      "S.properties[spec].properties[a].anyOf[0].type: Forbidden: must be empty to be structural",
      "S.properties[spec].properties[a].anyOf[1].type: Forbidden: must be empty to be structural",
    ],
  ],
  [
    "preserve false",
    {
      type: "object",
      properties: {
        spec: { type: "object", properties: { a: { type: "object", "x-kubernetes-preserve-unknown-fields": false } } },
      },
    },
    [
      "S.properties[spec].properties[a].x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined",
    ],
  ],
  [
    "preserve on a string",
    {
      type: "object",
      properties: {
        spec: { type: "object", properties: { a: { type: "string", "x-kubernetes-preserve-unknown-fields": true } } },
      },
    },
    [],
  ],
  [
    "embedded without preserve or properties",
    {
      type: "object",
      properties: {
        spec: { type: "object", properties: { a: { type: "object", "x-kubernetes-embedded-resource": true } } },
      },
    },
    [
      "S.properties[spec].properties[a].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields",
    ],
  ],
  [
    "embedded on a string",
    {
      type: "object",
      properties: {
        spec: { type: "object", properties: { a: { type: "string", "x-kubernetes-embedded-resource": true } } },
      },
    },
    [
      "S.properties[spec].properties[a].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields",
      'S.properties[spec].properties[a].type: Invalid value: "string": must be object if x-kubernetes-embedded-resource is true',
    ],
  ],
  [
    "list type unknown",
    {
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: { a: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "bag" } },
        },
      },
    },
    [
      'S.properties[spec].properties[a].x-kubernetes-list-type: Unsupported value: "bag": supported values: "atomic", "set", "map"',
    ],
  ],
  [
    "list type on an object",
    {
      type: "object",
      properties: {
        spec: { type: "object", properties: { a: { type: "object", "x-kubernetes-list-type": "atomic" } } },
      },
    },
    [
      'S.properties[spec].properties[a].type: Invalid value: "object": must be array if x-kubernetes-list-type is specified',
    ],
  ],
  [
    "map keys without list type",
    {
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: {
            a: {
              type: "array",
              items: { type: "object", properties: { k: { type: "string" } } },
              "x-kubernetes-list-map-keys": ["k"],
            },
          },
        },
      },
    },
    [
      "S.properties[spec].properties[a].x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty",
    ],
  ],
  [
    "map without keys",
    {
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: {
            a: {
              type: "array",
              items: { type: "object", properties: { k: { type: "string" } } },
              "x-kubernetes-list-type": "map",
            },
          },
        },
      },
    },
    [
      "S.properties[spec].properties[a].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map",
    ],
  ],
  [
    "map key not required",
    {
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: {
            a: {
              type: "array",
              items: { type: "object", properties: { k: { type: "string" } } },
              "x-kubernetes-list-type": "map",
              "x-kubernetes-list-map-keys": ["k"],
            },
          },
        },
      },
    },
    [
      "S.properties[spec].properties[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
    ],
  ],
  [
    "map key is an object",
    {
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: {
            a: {
              type: "array",
              items: { type: "object", properties: { k: { type: "object", properties: {} } }, required: ["k"] },
              "x-kubernetes-list-type": "map",
              "x-kubernetes-list-map-keys": ["k"],
            },
          },
        },
      },
    },
    [
      'S.properties[spec].properties[a].items.properties[k].type: Invalid value: "object": must be a scalar type if parent array\'s x-kubernetes-list-type is map',
    ],
  ],
  [
    "map key missing",
    {
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: {
            a: {
              type: "array",
              items: { type: "object", properties: { k: { type: "string" } } },
              "x-kubernetes-list-type": "map",
              "x-kubernetes-list-map-keys": ["z", "z"],
            },
          },
        },
      },
    },
    [
      'S.properties[spec].properties[a].x-kubernetes-list-map-keys: Invalid value: ["z","z"]: entries must all be names of item properties',
      'S.properties[spec].properties[a].x-kubernetes-list-map-keys: Invalid value: ["z","z"]: entries must all be names of item properties',
      'S.properties[spec].properties[a].x-kubernetes-list-map-keys: Invalid value: ["z","z"]: must not contain duplicate entries',
    ],
  ],
  [
    "set of objects",
    {
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: {
            a: {
              type: "array",
              items: { type: "object", properties: { a: { type: "string" } } },
              "x-kubernetes-list-type": "set",
            },
          },
        },
      },
    },
    [
      "S.properties[spec].properties[a].items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set",
    ],
  ],
  [
    "set of atomic objects",
    {
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: {
            a: {
              type: "array",
              items: { type: "object", "x-kubernetes-map-type": "atomic", properties: {} },
              "x-kubernetes-list-type": "set",
            },
          },
        },
      },
    },
    [],
  ],
  [
    "set of nullable",
    {
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: {
            a: { type: "array", items: { type: "string", nullable: true }, "x-kubernetes-list-type": "set" },
          },
        },
      },
    },
    [
      "S.properties[spec].properties[a].items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is set",
    ],
  ],
  [
    "map type unknown",
    {
      type: "object",
      properties: { spec: { type: "object", properties: { a: { type: "object", "x-kubernetes-map-type": "loose" } } } },
    },
    [
      'S.properties[spec].properties[a].x-kubernetes-map-type: Unsupported value: "loose": supported values: "atomic", "granular"',
    ],
  ],
  [
    "enum of wrong types",
    { type: "object", properties: { spec: { type: "object", properties: { a: { type: "string", enum: [1] } } } } },
    [],
  ],
  [
    "minimum above maximum",
    {
      type: "object",
      properties: { spec: { type: "object", properties: { a: { type: "integer", minimum: 5, maximum: 1 } } } },
    },
    [],
  ],
  [
    "multipleOf zero",
    { type: "object", properties: { spec: { type: "object", properties: { a: { type: "integer", multipleOf: 0 } } } } },
    [],
  ],
  [
    "negative maxLength",
    { type: "object", properties: { spec: { type: "object", properties: { a: { type: "string", maxLength: -1 } } } } },
    [],
  ],
  [
    "unknown format",
    { type: "object", properties: { spec: { type: "object", properties: { a: { type: "string", format: "zip" } } } } },
    [],
  ],
  [
    "example",
    { type: "object", properties: { spec: { type: "object", properties: { a: { type: "string", example: "x" } } } } },
    [],
  ],
  [
    "id and schema",
    {
      type: "object",
      properties: { spec: { type: "object", properties: { a: { type: "string", id: "x", $schema: "y" } } } },
    },
    ["S.properties[spec].properties[a].id: Forbidden: id is not supported"],
  ],
  [
    "definitions",
    {
      type: "object",
      properties: {
        spec: { type: "object", properties: { a: { type: "string", definitions: { a: { type: "string" } } } } },
      },
    },
    ["S.properties[spec].properties[a].definitions: Forbidden: definitions is not supported"],
  ],
  [
    "dependencies",
    {
      type: "object",
      properties: { spec: { type: "object", properties: { a: { type: "object", dependencies: { a: ["b"] } } } } },
    },
    ["S.properties[spec].properties[a].dependencies: Forbidden: dependencies is not supported"],
  ],
  [
    "required unknown",
    {
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: { a: { type: "object", properties: { a: { type: "string" } }, required: ["zz"] } },
        },
      },
    },
    [],
  ],
  [
    "default of the wrong type",
    { type: "object", properties: { spec: { type: "object", properties: { a: { type: "integer", default: "x" } } } } },
    ['S.properties[spec].properties[a].default: Invalid value: "string":  in body must be of type integer: "string"'],
  ],
  [
    "default breaks the minimum",
    {
      type: "object",
      properties: { spec: { type: "object", properties: { a: { type: "integer", minimum: 3, default: 1 } } } },
    },
    ["S.properties[spec].properties[a].default: Invalid value: 1:  in body should be greater than or equal to 3"],
  ],
  [
    "default not in the enum",
    {
      type: "object",
      properties: { spec: { type: "object", properties: { a: { type: "string", enum: ["x"], default: "y" } } } },
    },
    ['S.properties[spec].properties[a].default: Unsupported value: "y": supported values: "x"'],
  ],
  [
    "default with unknown fields",
    {
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: { a: { type: "object", properties: { b: { type: "integer" } }, default: { c: 1 } } },
        },
      },
    },
    ['S.properties[spec].properties[a].default: Invalid value: {"c":1}: must not have unknown fields'],
  ],
  [
    "default null where not nullable",
    { type: "object", properties: { spec: { type: "object", properties: { a: { type: "string", default: null } } } } },
    [],
  ],
  [
    "default lacks a required field",
    {
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: { a: { type: "object", properties: { b: { type: "integer" } }, required: ["b"], default: {} } },
        },
      },
    },
    ["S.properties[spec].properties[a].default.b: Required value"],
  ],
  [
    "default inside metadata",
    { type: "object", properties: { metadata: { type: "object", default: {} } } },
    ["S.properties[metadata].default: Forbidden: must not be set in top-level metadata"],
  ],
  [
    "default at the root",
    { type: "object", default: {} },
    ["S.default.apiVersion: Required value", "S.default.kind: Required value"],
  ],
  [
    "default under anyOf",
    {
      type: "object",
      properties: { spec: { type: "object", properties: { a: { type: "string", anyOf: [{ default: "x" }] } } } },
    },
    ["S.properties[spec].properties[a].anyOf[0].default: Forbidden: must be undefined to be structural"],
  ],
] as unknown as readonly (readonly [string, JsonSchema, readonly string[]])[];

for (const [what, openAPIV3Schema, expected] of CASES) {
  test(`a definition's schema is judged as recorded: ${what}`, () => {
    const crd = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "tools.shed.example.io" },
      spec: {
        group: "shed.example.io",
        scope: "Namespaced",
        names: { plural: "tools", kind: "Tool" },
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }],
      },
    };
    defaultCustomResourceDefinition(crd);
    const texts = validateCustomResourceDefinition(crd).map(fieldErrorText);
    assert.deepEqual(
      texts.map((text) => text.replaceAll("spec.validation.openAPIV3Schema", "S")).sort(),
      [...expected].sort(),
    );
  });
}
