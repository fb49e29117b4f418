import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldErrorText } from "../meta/field-error.ts";
import type { JsonSchema, ValidationRule } from "../schema/json-schema.ts";
import { checkSchemaRules } from "./check-schema-rules.ts";

const ROOT = "spec.validation.openAPIV3Schema";
const AT = `${ROOT}.properties[a].x-kubernetes-validations[0]`;

function complaints(a: JsonSchema, ...rules: readonly (string | ValidationRule)[]): string[] {
  const written = rules.map((rule) => (typeof rule === "string" ? { rule } : rule));
  const schema: JsonSchema = { type: "object", properties: { a: { ...a, "x-kubernetes-validations": written } } };
  return checkSchemaRules(schema, ROOT).map(fieldErrorText);
}

function shown(rule: string, others: Record<string, unknown> = {}): string {
  const all = { Rule: rule, Message: "", MessageExpression: "", Reason: null, FieldPath: "", OptionalOldSelf: null };
  return JSON.stringify({ ...all, ...others }).replaceAll(">", "\\u003e");
}

const INTEGER: JsonSchema = { type: "integer" };
const TEXT: JsonSchema = { type: "string" };
const HINT =
  "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)";

test("a rule that does not compile is shown whole, with line and caret", () => {
  assert.deepEqual(complaints(INTEGER, "that > 1"), [
    `${AT}.rule: Invalid value: ${shown("that > 1")}: compilation failed: ERROR: <input>:1:1: undeclared reference to 'that' (in container '')\n | that > 1\n | ^`,
  ]);
});

test("a rule must give a bool and a messageExpression a string", () => {
  assert.deepEqual(complaints(INTEGER, "self + 1"), [
    `${AT}.rule: Invalid value: ${shown("self + 1")}: cel expression must evaluate to a bool`,
  ]);
  assert.deepEqual(complaints(INTEGER, { rule: "self > 1", messageExpression: "self" }), [
    `${AT}.messageExpression: Invalid value: ${shown("self > 1", { MessageExpression: "self" })}: messageExpression must evaluate to a string`,
  ]);
  assert.match(
    complaints(INTEGER, { rule: "self > 1", messageExpression: "'a' +" })[0] as string,
    /: messageExpression compilation failed: ERROR: <input>:1:6: Syntax error: mismatched input '<EOF>'/,
  );
});

test("optionalOldSelf needs oldSelf, as an optional", () => {
  assert.deepEqual(complaints(INTEGER, { rule: "self == oldSelf.value()", optionalOldSelf: true }), []);
  const [mismatch, unused] = complaints(INTEGER, { rule: "self == oldSelf", optionalOldSelf: true });
  assert.match(mismatch as string, /found no matching overload for '_==_' applied to '\(int, optional_type\(int\)\)'/);
  assert.equal(unused, `${AT}.optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule`);
});

test("oldSelf cannot be used where items have no old value", () => {
  const items: JsonSchema = { ...INTEGER, "x-kubernetes-validations": [{ rule: "self >= oldSelf" }] };
  const schema: JsonSchema = { type: "object", properties: { a: { type: "array", items } } };
  assert.deepEqual(checkSchemaRules(schema, ROOT).map(fieldErrorText), [
    `${ROOT}.properties[a].items.x-kubernetes-validations[0].rule: Invalid value: "self >= oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${ROOT}.properties[a]`,
  ]);
  const item: JsonSchema = {
    type: "object",
    properties: { k: TEXT },
    required: ["k"],
    "x-kubernetes-validations": [{ rule: "self == oldSelf" }],
  };
  const map: JsonSchema = {
    type: "array",
    maxItems: 5,
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["k"],
    items: item,
  };
  assert.deepEqual(checkSchemaRules({ type: "object", properties: { a: map } }, ROOT), []);
});

test("fields without a type, and metadata but for names, cannot be named", () => {
  const preserved: JsonSchema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  assert.match(complaints(preserved, "self.x == 1")[0] as string, /1:5: undefined field 'x'/);
  const root = (rule: string): JsonSchema => ({ type: "object", "x-kubernetes-validations": [{ rule }] });
  assert.deepEqual(checkSchemaRules(root("self.metadata.name.startsWith('a')"), ROOT), []);
  assert.match(
    checkSchemaRules(root("self.metadata.labels.a == 'a'"), ROOT).map(fieldErrorText)[0] as string,
    /1:14: undefined field 'labels'/,
  );
});

test("a rule that could cost too much is refused with the factor, and so is the schema", () => {
  const list: JsonSchema = { type: "array", items: TEXT };
  const rule = "self.all(x, self.exists(y, y == x))";
  assert.deepEqual(complaints(list, rule), [
    `${AT}.rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x ${HINT}`,
    `${AT}.rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
    `${ROOT}: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x ${HINT}`,
  ]);
  assert.deepEqual(complaints({ ...list, maxItems: 10, items: { ...TEXT, maxLength: 10 } }, rule), []);
});

// One match costs 163: the name 1, and (4 * 200 + 1) characters / 10 times 8 characters of pattern / 4.
test("a rule of items counts as often as there may be items", () => {
  const item: JsonSchema = {
    ...TEXT,
    maxLength: 200,
    "x-kubernetes-validations": [{ rule: "self.matches('^[a-z]+$')" }],
  };
  const schema = (maxItems: number): JsonSchema => ({
    type: "object",
    properties: { a: { type: "array", maxItems, items: item } },
  });
  assert.deepEqual(checkSchemaRules(schema(1_000), ROOT), []);
  assert.deepEqual(checkSchemaRules(schema(100_000), ROOT).map(fieldErrorText), [
    `${ROOT}.properties[a].items.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of 1.6x ${HINT}`,
  ]);
});

test("the text of a message expression counts too: that of string(int) has no bound", () => {
  const rule: ValidationRule = { rule: "self > 1", messageExpression: "'got ' + string(self)" };
  assert.equal(
    complaints(INTEGER, rule)[0],
    `${AT}.messageExpression: Forbidden: estimated messageExpression cost exceeds budget by factor of more than 100x ${HINT}`,
  );
});

test("the estimates of sizes follow strings through functions", () => {
  const text: JsonSchema = { ...TEXT, maxLength: 50 };
  assert.deepEqual(
    complaints(text, { rule: "self != 'x'", messageExpression: "'not ' + self.lowerAscii().replace('a', 'bb')" }),
    [],
  );
  assert.deepEqual(complaints(text, { rule: "self.split(',').all(x, x.size() < 5)" }), []);
});
