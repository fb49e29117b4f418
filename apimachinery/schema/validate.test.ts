import assert from "node:assert/strict";
import { test } from "node:test";
import { type FieldError, fieldErrorText } from "../meta/field-error.ts";
import type { Json } from "../meta/types.ts";
import type { JsonSchema } from "./json-schema.ts";
import { compileValidator } from "./validate.ts";

const FIELD_OF: Readonly<Record<string, JsonSchema>> = {
  text: { type: "string" },
  count: { type: "integer" },
  ratio: { type: "number" },
  level: { type: "integer", enum: [1, 2, 3] },
  soil: { type: "string", enum: ["clay", "sand", "loam"] },
  small: { type: "integer", minimum: 3, maximum: 9 },
  open: { type: "number", minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: true },
  step: { type: "integer", multipleOf: 5 },
  name: { type: "string", minLength: 3, maxLength: 5 },
  one: { type: "string", maxLength: 1 },
  code: { type: "string", pattern: "^[a-z]([-a-z0-9]*[a-z0-9])?$" },
  when: { type: "string", format: "date-time" },
  i32: { type: "integer", format: "int32" },
  grams: { type: "number", format: "float" },
  rows: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 3 },
  grid: { type: "array", items: { type: "array", items: { type: "integer" } } },
  beds: {
    type: "array",
    items: { type: "object", properties: { size: { type: "integer", minimum: 1 } }, required: ["size"] },
  },
  tags: { type: "object", additionalProperties: { type: "string" } },
  props: { type: "object", additionalProperties: { type: "integer" }, minProperties: 1, maxProperties: 2 },
  closed: { type: "object", properties: { a: { type: "string" } }, additionalProperties: false },
  port: { "x-kubernetes-int-or-string": true },
  nul: { type: "string", nullable: true },
  nulEnum: { type: "string", nullable: true, enum: ["a", null] },
  anything: { "x-kubernetes-preserve-unknown-fields": true },
  embedded: {
    type: "object",
    "x-kubernetes-embedded-resource": true,
    "x-kubernetes-preserve-unknown-fields": true,
  },
  either: {
    type: "object",
    properties: { a: { type: "string" }, b: { type: "string" } },
    anyOf: [{ required: ["a"] }, { required: ["b"] }],
  },
  mixed: {
    type: "object",
    properties: { a: { type: "integer" }, b: { type: "integer" }, mode: { type: "string" } },
    oneOf: [
      { properties: { mode: { enum: ["one"] } }, required: ["a"] },
      { properties: { mode: { enum: ["two"] } }, required: ["b"] },
    ],
  },
  both: { type: "integer", allOf: [{ minimum: 5 }, { multipleOf: 2 }] },
  unwanted: { type: "string", not: { enum: ["weed"] } },
  setList: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
  mapList: {
    type: "array",
    items: { type: "object", properties: { k: { type: "string" }, r: { type: "string" } }, required: ["k"] },
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["k", "r"],
  },
};

const VALIDATOR = compileValidator({
  type: "object",
  properties: { spec: { type: "object", properties: FIELD_OF } },
});

function texts(errors: readonly FieldError[]): string[] {
  return errors.map(fieldErrorText);
}

/** Field, value, complaints. From the recordings schema-a and schema-c, or answered by the same release. */
const CASES: readonly (readonly [string, Json, readonly string[]])[] = [
  ["text", "", []],
  ["text", 5, ['spec.text: Invalid value: "integer": spec.text in body must be of type string: "integer"']],
  ["text", ["a"], ['spec.text: Invalid value: "array": spec.text in body must be of type string: "array"']],
  ["count", 9007199254740992, []],
  [
    "count",
    1.5,
    [
      'spec.count: Invalid value: "number": spec.count in body must be of type integer: "number"',
      '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.count',
    ],
  ],
  ["ratio", 2, []],
  ["level", 4, ['spec.level: Unsupported value: 4: supported values: "1", "2", "3"']],
  [
    "soil",
    7,
    [
      'spec.soil: Invalid value: "integer": spec.soil in body must be of type string: "integer"',
      'spec.soil: Unsupported value: 7: supported values: "clay", "sand", "loam"',
    ],
  ],
  ["small", 9, []],
  ["small", 10, ["spec.small: Invalid value: 10: spec.small in body should be less than or equal to 9"]],
  ["open", 0, ["spec.open: Invalid value: 0: spec.open in body should be greater than 0"]],
  ["open", 1, ["spec.open: Invalid value: 1: spec.open in body should be less than 1"]],
  ["step", -5, []],
  ["step", 7, ["spec.step: Invalid value: 7: spec.step in body should be a multiple of 5"]],
  ["name", "äöü", []],
  ["name", "🌳🌳🌳🌳🌳", []],
  ["name", "ab", ['spec.name: Invalid value: "ab": spec.name in body should be at least 3 chars long']],
  ["name", "🌳🌳", ['spec.name: Invalid value: "🌳🌳": spec.name in body should be at least 3 chars long']],
  ["name", "äöüßéè", ["spec.name: Too long: may not be more than 5 bytes"]],
  ["one", "ab", ["spec.one: Too long: may not be more than 1 byte"]],
  ["code", "a-", [`spec.code: Invalid value: "a-": spec.code in body should match '^[a-z]([-a-z0-9]*[a-z0-9])?$'`]],
  ["when", "now", ['spec.when: Invalid value: "now": spec.when in body must be of type date-time: "now"']],
  ["when", 5, ['spec.when: Invalid value: "int64": spec.when in body must be of type date-time: "int64"']],
  ["i32", 2147483647, []],
  [
    "i32",
    2147483648,
    ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.i32'],
  ],
  ["grams", 1e39, ['<nil>: Invalid value: "": Checked value must be of type number with format float in spec.grams']],
  ["rows", [], ["spec.rows: Invalid value: 0: spec.rows in body should have at least 1 items"]],
  [
    "rows",
    ["a", 2, "c", null],
    [
      'spec.rows[1]: Invalid value: "integer": spec.rows[1] in body must be of type string: "integer"',
      'spec.rows[3]: Invalid value: "null": spec.rows[3] in body must be of type string: "null"',
      "spec.rows: Too many: 4: must have at most 3 items",
    ],
  ],
  [
    "grid",
    [[1, "x"], [2]],
    ['spec.grid[0][1]: Invalid value: "string": spec.grid[0][1] in body must be of type integer: "string"'],
  ],
  ["beds", [{ size: 1 }, {}], ["spec.beds[1].size: Required value"]],
  [
    "tags",
    { "has.dot": 2, "has space": 3 },
    [
      'spec.tags.has.dot: Invalid value: "integer": spec.tags.has.dot in body must be of type string: "integer"',
      'spec.tags.has space: Invalid value: "integer": spec.tags.has space in body must be of type string: "integer"',
    ],
  ],
  ["props", {}, ["spec.props: Invalid value: 0: spec.props in body should have at least 1 properties"]],
  ["props", { a: 1, b: 2, c: 3 }, ["spec.props: Too many: 3: must have at most 2 items"]],
  ["closed", { a: "x", b: 1 }, ['spec.closed: Invalid value: "b": spec.closed.b in body is a forbidden property']],
  ["port", "http", []],
  ["port", 1.5, ['spec.port: Invalid value: "number": spec.port in body must be of type integer,string: "number"']],
  ["nul", null, []],
  ["nulEnum", null, ['spec.nulEnum: Unsupported value: null: supported values: "a", "null"']],
  ["anything", [1, { a: null }], []],
  ["embedded", { kind: "Thing" }, ["spec.embedded.apiVersion: Required value"]],
  [
    "embedded",
    { apiVersion: "a/b/c", kind: "a_b", metadata: { name: "a/b" } },
    [
      'spec.embedded.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      `spec.embedded.kind: Invalid value: "a_b": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`,
      `spec.embedded.metadata.name: Invalid value: "a/b": may not contain '/'`,
    ],
  ],
  ["either", { b: "y" }, []],
  [
    "either",
    {},
    [
      '<nil>: Invalid value: "": "spec.either" must validate at least one schema (anyOf)',
      "spec.either.a: Required value",
    ],
  ],
  ["mixed", { mode: "one", a: 1 }, []],
  [
    "mixed",
    { mode: "three", a: 1, b: 1 },
    [
      '<nil>: Invalid value: "": "spec.mixed" must validate one and only one schema (oneOf). Found none valid',
      'spec.mixed.mode: Unsupported value: "three": supported values: "one"',
    ],
  ],
  [
    "mixed",
    { a: 1, b: 1 },
    [
      '<nil>: Invalid value: "": "spec.mixed" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
  ],
  ["both", 6, []],
  [
    "both",
    3,
    [
      "spec.both: Invalid value: 3: spec.both in body should be greater than or equal to 5",
      "spec.both: Invalid value: 3: spec.both in body should be a multiple of 2",
      '<nil>: Invalid value: "": "spec.both" must validate all the schemas (allOf). None validated',
    ],
  ],
  [
    "both",
    7,
    [
      "spec.both: Invalid value: 7: spec.both in body should be a multiple of 2",
      '<nil>: Invalid value: "": "spec.both" must validate all the schemas (allOf)',
    ],
  ],
  ["unwanted", "weed", ['<nil>: Invalid value: "": "spec.unwanted" must not validate the schema (not)']],
  [
    "setList",
    ["a", "a", "a", "b", "b"],
    ['spec.setList[1]: Duplicate value: "a"', 'spec.setList[4]: Duplicate value: "b"'],
  ],
  ["mapList", [{ k: "a", r: "x" }, { k: "a" }], []],
  [
    "mapList",
    [
      { r: "x", k: "a" },
      { k: "a", r: "x" },
    ],
    ['spec.mapList[1]: Duplicate value: {"k":"a","r":"x"}'],
  ],
];

for (const [field, value, expected] of CASES) {
  test(`validate() says of ${field} = ${JSON.stringify(value)} what the original says`, () => {
    assert.deepEqual(texts(VALIDATOR.validate({ spec: { [field]: value } })), expected);
  });
}

test("validate() puts a path in front of causes, not into their texts", () => {
  const validator = compileValidator({ type: "object", properties: { a: { type: "integer", minimum: 3 } } });
  assert.deepEqual(texts(validator.validate({ a: 1 }, "status")), [
    "status.a: Invalid value: 1: a in body should be greater than or equal to 3",
  ]);
  assert.deepEqual(texts(validator.validate("x", "spec.default")), [
    'spec.default: Invalid value: "string":  in body must be of type object: "string"',
  ]);
});

test("validate() reports a bound that the type cannot hold beside the violation", () => {
  const validator = compileValidator({ type: "object", properties: { a: { type: "integer", maximum: 2.5 } } });
  assert.deepEqual(texts(validator.validate({ a: 3 })), [
    '<nil>: Invalid value: "": Maximum boundary value must be of type integer (default format) in a',
    "a: Invalid value: 3: a in body should be less than or equal to 2.5",
  ]);
});

test("validate() runs patterns in linear time", () => {
  const validator = compileValidator({ type: "string", pattern: "^(a+)+$" });
  const begin = performance.now();
  assert.equal(validator.validate(`${"a".repeat(50_000)}!`).length, 1);
  assert.ok(performance.now() - begin < 2_000);
});

test("validate() finds names of prototypes missing where they are required", () => {
  const validator = compileValidator({ type: "object", required: ["toString", "__proto__"] });
  assert.deepEqual(texts(validator.validate({})), ["toString: Required value", "__proto__: Required value"]);
  assert.deepEqual(validator.validate(JSON.parse('{"toString":1,"__proto__":2}')), []);
});

test("validate() stops at a thousand levels of a cyclic schema, and after ten thousand findings", () => {
  const cyclic: JsonSchema = { type: "array" };
  cyclic.items = cyclic;
  let deep: Json = [];
  for (let i = 0; i < 9_000; i++) deep = [deep];
  assert.deepEqual(texts(compileValidator(cyclic).validate(deep)), [
    '<nil>: Invalid value: "": must not be nested deeper than 1000 levels',
  ]);
  const wrong = Array.from({ length: 200_000 }, () => 1);
  assert.equal(compileValidator({ type: "array", items: { type: "string" } }).validate(wrong).length, 10_000);
});

/** After the definition of Winch in the recordings (ratchet-a), once it has been tightened. */
const WINCH: JsonSchema = {
  type: "object",
  required: ["fresh"],
  properties: {
    fresh: { type: "string" },
    num: { type: "integer", maximum: 10 },
    word: { type: "string", enum: ["short"] },
    obj: {
      type: "object",
      required: ["c"],
      properties: { a: { type: "integer", maximum: 10 }, b: { type: "integer" }, c: { type: "integer" } },
    },
    tags: { type: "array", items: { type: "string", maxLength: 3 } },
    setTags: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
    keyed: {
      type: "array",
      items: { type: "object", properties: { k: { type: "string" }, v: { type: "integer", maximum: 10 } } },
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["k"],
    },
  },
};

const STORED = {
  num: 50,
  word: "hello",
  obj: { a: 50, b: 1 },
  tags: ["long-tag", "b"],
  setTags: ["a", "a"],
  keyed: [
    { k: "x", v: 50 },
    { k: "y", v: 60 },
  ],
};

/** Change, complaints. */
const UPDATES: readonly (readonly [string, Record<string, Json>, readonly string[]])[] = [
  ["nothing", {}, []],
  ["the missing field", { fresh: "f" }, []],
  [
    "an invalid number to another",
    { fresh: "f", num: 60 },
    ["spec.num: Invalid value: 60: num in body should be less than or equal to 10"],
  ],
  ["an invalid number to a valid one", { fresh: "f", num: 5 }, []],
  ["a neighbour without the missing field", { num: 5 }, ["spec.fresh: Required value"]],
  ["a neighbour of the invalid member", { fresh: "f", obj: { a: 50, b: 2 } }, ["spec.obj.c: Required value"]],
  ["the object to a complete one", { fresh: "f", obj: { a: 50, b: 1, c: 1 } }, []],
  [
    "a plain list by a valid item",
    { fresh: "f", tags: ["long-tag", "b", "c"] },
    ["spec.tags[0]: Too long: may not be more than 3 bytes"],
  ],
  ["a set that already has repetitions", { fresh: "f", setTags: ["a", "a", "b", "b"] }, []],
  [
    "the order of a keyed list",
    {
      fresh: "f",
      keyed: [
        { k: "y", v: 60 },
        { k: "x", v: 50 },
      ],
    },
    [],
  ],
  [
    "an item of a keyed list",
    {
      fresh: "f",
      keyed: [
        { k: "x", v: 51 },
        { k: "y", v: 60 },
      ],
    },
    ["spec.keyed[0].v: Invalid value: 51: keyed[0].v in body should be less than or equal to 10"],
  ],
];

for (const [what, change, expected] of UPDATES) {
  test(`validateUpdate() tolerates what is unchanged when an update changes ${what}`, () => {
    const validator = compileValidator(WINCH);
    assert.deepEqual(texts(validator.validateUpdate({ ...STORED, ...change }, STORED, "spec")), expected);
  });
}

test("validateUpdate() tolerates nothing below anyOf and its like", () => {
  const schema: JsonSchema = {
    type: "object",
    properties: { a: { type: "integer" }, b: { type: "integer" } },
    allOf: [{ properties: { a: { maximum: 1 } } }],
  };
  assert.deepEqual(texts(compileValidator(schema).validateUpdate({ a: 5, b: 2 }, { a: 5, b: 1 })), [
    "a: Invalid value: 5: a in body should be less than or equal to 1",
    '<nil>: Invalid value: "": "" must validate all the schemas (allOf). None validated',
  ]);
});

test("validateStatusUpdate() looks at the status only, apart from repetitions", () => {
  const validator = compileValidator({
    type: "object",
    properties: {
      spec: { type: "object", properties: { n: { type: "integer" } } },
      status: { type: "object", properties: { n: { type: "integer", maximum: 3 } } },
    },
  });
  assert.deepEqual(texts(validator.validateStatusUpdate({ spec: { n: "x" }, status: { n: 5 } }, {})), [
    "status.n: Invalid value: 5: n in body should be less than or equal to 3",
  ]);
  assert.deepEqual(validator.validateStatusUpdate({ spec: { n: "x" }, status: { n: 5 } }, { status: { n: 5 } }), []);
  assert.deepEqual(validator.validateStatusUpdate({ spec: {} }, { status: {} }), []);
});
