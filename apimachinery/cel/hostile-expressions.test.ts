import assert from "node:assert/strict";
import { test } from "node:test";
import { compileAdmissionExpression } from "./admission-expressions.ts";
import { compileSchemaRules } from "./schema-rules.ts";

const EXCEEDED = "operation cancelled: actual cost limit exceeded";
/** Far above what these take, far below what they would take unbounded. */
const MAX_MS = 2_000;

function outcome(source: string, object: unknown = null): string {
  const from = performance.now();
  const compiled = compileAdmissionExpression(source);
  const text =
    "error" in compiled
      ? compiled.error
      : JSON.stringify(compiled.program.evaluate({ object, oldObject: null, request: {} }));
  assert.ok(performance.now() - from < MAX_MS);
  return text;
}

function chain(start: string, link: string, count: number): string {
  return `optional.of(${start})${link.repeat(count)}.value()`;
}

const TOO_DEEP = "ERROR: <input>:-1:0: expression recursion limit exceeded: 250";
const DEEP: readonly (readonly [string, string])[] = [
  ["parentheses", `${"(".repeat(40_000)}1${")".repeat(40_000)}`],
  ["lists", "[".repeat(40_000)],
  ["sums", `1${"+1".repeat(40_000)}`],
  ["fields", `object${".a".repeat(40_000)}`],
  ["choices", `${"true?1:".repeat(14_000)}1`],
];
for (const [name, source] of DEEP) {
  test(`deeply nested ${name} are refused before anything recurses`, () => {
    assert.equal(outcome(source), TOO_DEEP);
  });
}

test("an expression that is too long is refused, whatever it says", () => {
  const limit = "ERROR: <input>:-1:0: expression code point size exceeds limit: size: 100001, limit 100000";
  assert.equal(outcome("a".repeat(100_001)), limit);
});

test("long flat expressions compile: ten thousand conditions, fifty thousand elements, many signs", () => {
  assert.equal(outcome(`true${"&&true".repeat(10_000)}`), '{"value":true}');
  assert.equal(outcome(`[${"1,".repeat(49_000)}1].size()`), '{"value":49001}');
  assert.equal(outcome(`${"!".repeat(90_000)}true`), '{"value":true}');
});

const ten = "[1,2,3,4,5,6,7,8,9,10]";
const EXPONENTIAL: readonly (readonly [string, string])[] = [
  [
    "nested loops",
    `${ten}.all(a,${ten}.all(b,${ten}.all(c,${ten}.all(d,${ten}.all(e,${ten}.all(f,${ten}.all(g,true)))))))`,
  ],
  ["nested lists made by loops", `${ten}.map(a,${ten}.map(b,${ten}.map(c,${ten}.map(d,${ten}.map(e,1)))))`],
  ["a list doubled sixty times", `${chain("[1]", ".optMap(x, x + x)", 60)}.sum() > 0`],
  [
    "lists of lists that share their parts",
    `${chain("[1]", ".optMap(x, [x, x])", 60)} == ${chain("[1]", ".optMap(x, [x, x])", 60)}`,
  ],
  ["a text doubled sixty times", `${chain("'abcdefghij'", ".optMap(x, x + x)", 60)}.size() > 0`],
  ["a text formatted into itself", `${chain("'abcdefghij'", ".optMap(x, '%s%s'.format([x, x]))", 60)}.size() > 0`],
  ["a text replaced by more of itself", `${chain("'aaaaaaaaaa'", ".optMap(x, x.replace('a', 'aa'))", 60)}.size() > 0`],
  ["a range of numbers without end", "lists.range(1000000000000).size() > 0"],
];
for (const [name, source] of EXPONENTIAL) {
  test(`${name} end at the cost limit`, () => {
    assert.equal(outcome(source), `{"error":"${EXCEEDED}"}`);
  });
}

test("patterns run in linear time, and patterns from data cannot be compiled without end", () => {
  assert.equal(outcome("object.matches('(a+)+$')", `${"a".repeat(100_000)}b`), '{"value":false}');
  const patterns = Array.from({ length: 20_000 }, (_, i) => `(\\p{L}{30}){30}|${i}`);
  assert.equal(outcome("object.all(x, !'a'.matches(x))", patterns), `{"error":"${EXCEEDED}"}`);
  const item = { type: "string", "x-kubernetes-validations": [{ rule: "!'a'.matches(self)" }] };
  const rules = compileSchemaRules({ type: "object", properties: { spec: { type: "array", items: item } } });
  const from = performance.now();
  assert.equal(rules?.validate({ spec: patterns.map((pattern) => `${pattern}x`) }, undefined).length, 1);
  assert.ok(performance.now() - from < MAX_MS);
});

const LONG: readonly (readonly [string, string])[] = [
  ["object.trim().size() > 0", " ".repeat(1_000_000)],
  ["isQuantity(object)", "1".repeat(3_000_000)],
  ["object == '' || int(object) > 0", "1".repeat(3_000_000)],
  ["isIP(object) || isCIDR(object)", "1:".repeat(1_500_000)],
  ["isURL(object)", `http://${"a".repeat(3_000_000)}`],
  ["isSemver(object)", `1.2.${"1".repeat(3_000_000)}`],
  ["format.dns1123Subdomain().validate(object).hasValue()", "a.".repeat(100_000)],
  ["url(object).getQuery().size() > 0", `/?${"a=b&".repeat(700_000)}`],
  ["object.findAll('a').size() > 0", "a".repeat(1_000_000)],
];
for (const [source, object] of LONG) {
  test(`${source} is quick for a text of ${object.length} characters`, () => {
    assert.match(outcome(source, object), /^\{"(?:value":(?:true|false)|error":".+")\}$/s);
  });
}
