import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldErrorText } from "../meta/field-error.ts";
import type { JsonSchema, ValidationRule } from "../schema/json-schema.ts";
import { compileSchemaRules, uncheckedRules } from "./schema-rules.ts";

/** A schema whose `spec` is the given one with these rules. */
function specSchema(spec: JsonSchema, ...rules: readonly (string | ValidationRule)[]): JsonSchema {
  const written = rules.map((rule) => (typeof rule === "string" ? { rule } : rule));
  return { type: "object", properties: { spec: { ...spec, "x-kubernetes-validations": written } } };
}

function causes(schema: JsonSchema, spec: unknown, old?: unknown): string[] {
  const rules = compileSchemaRules(schema);
  assert.ok(rules !== undefined);
  return rules.validate({ spec }, old === undefined ? undefined : { spec: old }).map(fieldErrorText);
}

const INTEGER: JsonSchema = { type: "integer" };
const TEXT: JsonSchema = { type: "string" };

test("compileSchemaRules() gives nothing for a schema without rules", () => {
  assert.equal(compileSchemaRules({ type: "object", properties: { spec: INTEGER } }), undefined);
});

test("a failing rule is named with the value, in the order of the rules", () => {
  const schema = specSchema(INTEGER, "self > 3", "self % 2 == 0", { rule: "self < 100", message: " small " });
  assert.deepEqual(causes(schema, 1), [
    "spec: Invalid value: 1: failed rule: self > 3",
    "spec: Invalid value: 1: failed rule: self % 2 == 0",
  ]);
  assert.deepEqual(causes(schema, 101), [
    "spec: Invalid value: 101: failed rule: self % 2 == 0",
    "spec: Invalid value: 101: small",
  ]);
  assert.deepEqual(causes(schema, 4), []);
});

test("objects and lists are not shown, reasons and field paths shape the cause", () => {
  const spec: JsonSchema = {
    type: "object",
    properties: { a: INTEGER, b: TEXT, m: { type: "object", additionalProperties: TEXT } },
  };
  const schema = specSchema(
    spec,
    { rule: "self.a > 1", reason: "FieldValueForbidden", message: "no" },
    { rule: "has(self.b)", reason: "FieldValueRequired", fieldPath: ".b" },
    { rule: "self.a < 5", reason: "FieldValueDuplicate", message: "dup", fieldPath: ".a" },
    { rule: "self.a != 7", message: "seven", fieldPath: ".m['some-key']" },
  );
  assert.deepEqual(causes(schema, { a: 1 }), [
    "spec: Forbidden: no",
    "spec.b: Required value: failed rule: has(self.b)",
  ]);
  assert.deepEqual(causes(schema, { a: 7, b: "x" }), [
    "spec.a: Duplicate value",
    "spec.m[some-key]: Invalid value: seven",
  ]);
});

test("an error while evaluating is a cause with the type in place of the value", () => {
  const spec: JsonSchema = { type: "object", properties: { a: INTEGER, b: INTEGER } };
  assert.deepEqual(causes(specSchema(spec, "self.a / self.b > 0"), { a: 1, b: 0 }), [
    'spec: Invalid value: "object": division by zero evaluating rule: self.a / self.b > 0',
  ]);
  assert.deepEqual(causes(specSchema(spec, { rule: "self.a > 0", message: "no" }), {}), [
    'spec: Invalid value: "object": no such key: a evaluating rule: no',
  ]);
  assert.deepEqual(causes(specSchema(INTEGER, "self + 9223372036854775807 > 0"), 1), [
    'spec: Invalid value: "integer": integer overflow evaluating rule: self + 9223372036854775807 > 0',
  ]);
  const intOrString: JsonSchema = { "x-kubernetes-int-or-string": true };
  assert.deepEqual(causes(specSchema(intOrString, "self + 1 > 0"), "few"), [
    `spec: Invalid value: "": 'no such overload': call arguments did not match a supported operator, function or macro signature for rule: self + 1 > 0`,
  ]);
});

test("messageExpression gives the message unless its result is blank, of several lines or an error", () => {
  const rule = (messageExpression: string): JsonSchema =>
    specSchema(INTEGER, { rule: "self > 3", message: "fallback", messageExpression });
  assert.deepEqual(causes(rule("'got ' + string(self)"), 1), ["spec: Invalid value: 1: got 1"]);
  assert.deepEqual(causes(rule("'  '"), 1), ["spec: Invalid value: 1: fallback"]);
  assert.deepEqual(causes(rule("'a\\nb'"), 1), ["spec: Invalid value: 1: fallback"]);
  assert.deepEqual(causes(rule("string(1 / (self - 1))"), 1), ["spec: Invalid value: 1: fallback"]);
});

test("values are converted by their schema: numbers, times, durations, bytes, int-or-string", () => {
  assert.deepEqual(causes(specSchema({ type: "number" }, "self == 2.0"), 2), []);
  assert.deepEqual(
    causes(specSchema({ ...TEXT, format: "date-time" }, "self.getFullYear() == 2024"), "2024-05-06T07:08:09Z"),
    [],
  );
  assert.deepEqual(causes(specSchema({ ...TEXT, format: "date" }, "self.getDate() == 6"), "2024-05-06"), []);
  assert.deepEqual(causes(specSchema({ ...TEXT, format: "duration" }, "self < duration('1h')"), "30m"), []);
  assert.deepEqual(causes(specSchema({ ...TEXT, format: "byte" }, "self == b'hello'"), "aGVsbG8="), []);
  const intOrString = specSchema(
    { "x-kubernetes-int-or-string": true },
    "type(self) == int ? self < 10 : self == 'many'",
  );
  assert.deepEqual([causes(intOrString, 9), causes(intOrString, "many")], [[], []]);
});

test("a value of a type that its schema no longer has is an error of the rule that reads it", () => {
  const spec: JsonSchema = { type: "object", properties: { word: INTEGER } };
  assert.deepEqual(causes(specSchema(spec, "has(self.word)"), { word: "x" }), [
    'spec: Invalid value: "object": invalid data, expected int, got string evaluating rule: has(self.word)',
  ]);
});

test("names that are no identifiers are escaped, reserved words may be written as they are", () => {
  const properties: Record<string, JsonSchema> = {
    namespace: TEXT,
    "a-b": TEXT,
    "c.d": TEXT,
    "e/f": TEXT,
    __x__: TEXT,
  };
  const schema = specSchema(
    { type: "object", properties },
    "self.__namespace__ == 'n' && self.namespace == 'n'",
    "self.a__dash__b == 'd' && self.c__dot__d == 'p' && self.e__slash__f == 's'",
    "self.__underscores__x__underscores__ == 'u'",
  );
  assert.deepEqual(causes(schema, { namespace: "n", "a-b": "d", "c.d": "p", "e/f": "s", __x__: "u" }), []);
  assert.deepEqual(
    causes(schema, {})[0],
    "spec: Invalid value: \"object\": no such key: __namespace__ evaluating rule: self.__namespace__ == 'n' && self.namespace == 'n'",
  );
});

test("at the root only the names of metadata can be seen, and the cause has no path", () => {
  const schema: JsonSchema = { type: "object", "x-kubernetes-validations": [{ rule: "self.metadata.name == 'a'" }] };
  const rules = compileSchemaRules(schema);
  assert.deepEqual(rules?.validate({ metadata: { name: "a" } }, undefined), []);
  assert.deepEqual(rules?.validate({ metadata: { name: "b" } }, undefined).map(fieldErrorText), [
    "<nil>: Invalid value: failed rule: self.metadata.name == 'a'",
  ]);
});

test("a nullable field that is null counts as absent, and rules at a null do not run", () => {
  const spec: JsonSchema = {
    type: "object",
    properties: { a: { ...TEXT, nullable: true, "x-kubernetes-validations": [{ rule: "false" }] } },
  };
  assert.deepEqual(causes(specSchema(spec, "!has(self.a)"), { a: null }), []);
});

test("rules of items, map values and nested properties name their place", () => {
  const zero: JsonSchema = {
    type: "object",
    properties: { v: INTEGER },
    "x-kubernetes-validations": [{ rule: "self.v != 0", message: "zero" }],
  };
  const schema: JsonSchema = {
    type: "object",
    properties: { spec: { type: "array", items: { type: "object", additionalProperties: zero } } },
  };
  assert.deepEqual(causes(schema, [{ a: { v: 0 }, b: { v: 1 } }, { c: { v: 0 } }]), [
    "spec[0][a]: Invalid value: zero",
    "spec[1][c]: Invalid value: zero",
  ]);
});

test("transition rules run only where there is an old value, optionalOldSelf always", () => {
  const grow = specSchema(INTEGER, { rule: "self >= oldSelf", message: "must not shrink" });
  assert.deepEqual([causes(grow, 1), causes(grow, 2, 1)], [[], []]);
  assert.deepEqual(causes(grow, 1, 2), ["spec: Invalid value: 1: must not shrink"]);
  const once = specSchema(INTEGER, {
    rule: "oldSelf.hasValue() || self == 1",
    optionalOldSelf: true,
    message: "must begin with 1",
  });
  assert.deepEqual(causes(once, 2), ["spec: Invalid value: 2: must begin with 1"]);
  assert.deepEqual(causes(once, 3, 2), []);
});

test("items of a list of type map are compared with the item of the same keys", () => {
  const item: JsonSchema = {
    type: "object",
    properties: { k: TEXT, v: INTEGER },
    "x-kubernetes-validations": [{ rule: "self.v >= oldSelf.v", message: "v must not shrink" }],
  };
  const list: JsonSchema = {
    type: "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["k"],
    items: item,
  };
  const schema: JsonSchema = { type: "object", properties: { spec: list } };
  const old = [
    { k: "a", v: 5 },
    { k: "b", v: 1 },
  ];
  assert.deepEqual(
    causes(
      schema,
      [
        { k: "b", v: 2 },
        { k: "a", v: 4 },
      ],
      old,
    ),
    ["spec[1]: Invalid value: v must not shrink"],
  );
  assert.deepEqual(causes(schema, [{ k: "c", v: 0 }], old), []);
});

test("a failing rule is tolerated where nothing changed, unless it compares with the old value", () => {
  const big = specSchema(INTEGER, { rule: "self > 100", message: "big" });
  assert.deepEqual([causes(big, 5, 5), causes(big, 6, 5)], [[], ["spec: Invalid value: 6: big"]]);
  const never = specSchema(INTEGER, "self > oldSelf");
  assert.deepEqual(causes(never, 5, 5), ["spec: Invalid value: 5: failed rule: self > oldSelf"]);
  const items: JsonSchema = { ...INTEGER, "x-kubernetes-validations": [{ rule: "self > 100" }] };
  const list: JsonSchema = { type: "object", properties: { spec: { type: "array", items } } };
  assert.deepEqual(
    [causes(list, [1, 2], [1, 2]), causes(list, [1], [1, 2])],
    [[], ["spec[0]: Invalid value: 1: failed rule: self > 100"]],
  );
});

test("sets are equal and joined without regard to order, lists of type map by their keys", () => {
  const set: JsonSchema = { type: "array", "x-kubernetes-list-type": "set", items: TEXT };
  const rule = specSchema(set, "self == ['a', 'b'] && self + ['c'] == ['c', 'b', 'a'] && self + ['a'] == self");
  assert.deepEqual(causes(rule, ["b", "a"]), []);
  const item: JsonSchema = { type: "object", properties: { k: TEXT, v: INTEGER } };
  const map: JsonSchema = {
    type: "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["k"],
    items: item,
  };
  const same = specSchema(map, "self == oldSelf && (self + oldSelf).size() == 2");
  const [a, b] = [
    { k: "a", v: 1 },
    { k: "b", v: 2 },
  ];
  assert.deepEqual([causes(same, [b, a], [a, b]), causes(same, [{ k: "b", v: 3 }, a], [a, b]).length], [[], 1]);
});

test("rules that cost too much end the evaluation with the texts of the original", () => {
  const list: JsonSchema = { type: "array", items: INTEGER };
  const numbers = Array.from({ length: 20_000 }, (_, i) => i);
  assert.deepEqual(causes(specSchema(list, "self.all(x, self.all(y, x + y >= 0))"), numbers), [
    `spec: Invalid value: "array": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: self.all(x, self.all(y, x + y >= 0))`,
  ]);
  const rows: JsonSchema = { ...list, "x-kubernetes-validations": [{ rule: "self.all(x, x >= 0)" }] };
  const schema: JsonSchema = { type: "object", properties: { spec: { type: "array", items: rows } } };
  const found = causes(
    schema,
    Array.from({ length: 200 }, () => numbers),
  );
  assert.equal(found.length, 1);
  assert.match(
    found[0] as string,
    /^spec\[\d+\]: Invalid value: "array": validation failed due to running out of cost budget, no further validation rules will be run$/,
  );
});

test("the rules of Butler's definitions accept and refuse addresses, networks and choices", () => {
  const pool: JsonSchema = { type: "object", properties: { start: TEXT, end: TEXT } };
  const isIp = specSchema(pool, {
    rule: "isIP(self.start) && isIP(self.end)",
    message: "start and end must be IP addresses",
  });
  assert.deepEqual(causes(isIp, { start: "10.0.0.1", end: "fd00::9" }), []);
  assert.deepEqual(causes(isIp, { start: "10.0.0.1", end: "10.0.0.256" }), [
    "spec: Invalid value: start and end must be IP addresses",
  ]);
  const network: JsonSchema = { type: "object", properties: { podCIDR: TEXT, serviceCIDR: TEXT } };
  const isCidr = specSchema(network, "isCIDR(self.podCIDR) && isCIDR(self.serviceCIDR)");
  assert.deepEqual(causes(isCidr, { podCIDR: "10.244.0.0/16", serviceCIDR: "10.96.0.0/12" }), []);
  assert.equal(causes(isCidr, { podCIDR: "10.244.0.0", serviceCIDR: "10.96.0.0/12" }).length, 1);
  const choice: JsonSchema = {
    type: "object",
    properties: { platformWide: { type: "boolean" }, team: { type: "object" }, teamAndEnvironment: { type: "object" } },
  };
  const one = specSchema(
    choice,
    "(has(self.platformWide)?1:0) + (has(self.team)?1:0) + (has(self.teamAndEnvironment)?1:0) == 1",
  );
  assert.deepEqual(
    [causes(one, { team: {} }), causes(one, {}).length, causes(one, { team: {}, platformWide: true }).length],
    [[], 1, 1],
  );
  const typed: JsonSchema = { type: "object", properties: { type: TEXT, oidc: { type: "object" } } };
  const oidc = specSchema(typed, "self.type != 'oidc' || has(self.oidc)");
  assert.deepEqual([causes(oidc, { type: "oidc", oidc: {} }), causes(oidc, { type: "oidc" }).length], [[], 1]);
});

test("uncheckedRules() tells that rules did not run if the object was too wrong for them", () => {
  const found = uncheckedRules([{ type: "FieldValueRequired", field: "spec.a", detail: "" }]);
  assert.equal(
    found === undefined ? "" : fieldErrorText(found),
    "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
  );
  assert.equal(uncheckedRules([{ type: "FieldValueInvalid", field: "spec.a", value: 1, detail: "no" }]), undefined);
});

test("keys that JavaScript knows something else by are keys like others", () => {
  const spec: JsonSchema = { type: "object", additionalProperties: INTEGER };
  const schema = specSchema(spec, "self.all(k, self[k] > 0)", "'__proto__' in self && !('constructor' in self)");
  assert.deepEqual(causes(schema, JSON.parse('{"__proto__": 1}')), []);
});
