import assert from "node:assert/strict";
import { test } from "node:test";
import { compileAdmissionExpression } from "../admission-expressions.ts";

/** The JSON of a result; `error: ...` where evaluating fails. */
function evaluate(source: string, object: unknown = null): unknown {
  const compiled = compileAdmissionExpression(source);
  if ("error" in compiled) throw new Error(compiled.error);
  const outcome = compiled.program.evaluate({ object, oldObject: null, request: {} });
  return "error" in outcome ? `error: ${outcome.error}` : outcome.value;
}

const OPERATORS: readonly (readonly [string, unknown])[] = [
  ["1 + 2 * 3 - 4 / 2", 5],
  ["-7 / 2", -3],
  ["-7 % 2", -1],
  ["0x10 + 0x0f", 31],
  ["1u + 2u == 3u", true],
  ["1.5 + 1e3", 1001.5],
  ["'a' + 'b'", "ab"],
  ["b'ab' + b'\\x01' == b'ab\\001'", true],
  ["[1] + [2, 3]", [1, 2, 3]],
  ["!true || !false", true],
  ["--5", 5],
  ["!!true", true],
  ["1 < 2 && 'a' < 'b' && 1.5 >= 1 && 2u > 1", true],
  ["true ? 1 : 2", 1],
  ["false ? 1 : true ? 2 : 3", 2],
  ["1 in [1, 2] && !('x' in {'a': 1}) && 'a' in {'a': 1}", true],
  ["{'a': {'b': [10, 20]}}.a.b[1]", 20],
  ["[1, 2][dyn(0u)] == 1", true],
  ["{dyn(1): 'int', dyn(true): 'bool'}[true]", "bool"],
  ["dyn(1) == 1.0 && dyn(1u) == 1", true],
  ["dyn('1') == 1", false],
  ["[[1], [2]] == [[1], [2]] && {'k': [1]} == {'k': [1]} && [1] != [2]", true],
  ["null == null", true],
  ["type(1) == int && type('') == string && type([]) == list && type(type(1)) == type", true],
  ["type(timestamp('2024-01-01T00:00:00Z')) == google.protobuf.Timestamp", true],
  ["'''a'b''' == 'a\\'b' && r'\\n' == '\\\\n' && '\\u00e9' == 'é' && \"\\U0001F600\" == '😀'", true],
  ["9223372036854775807 + 1", "error: integer overflow"],
  ["-9223372036854775808 - 1", "error: integer overflow"],
  ["9223372036854775807 * 2", "error: integer overflow"],
  ["0u - 1u", "error: unsigned integer overflow"],
  ["1 / 0", "error: division by zero"],
  ["1 % 0", "error: modulus by zero"],
  ["1.0 / 0.0 > 1e300", true],
  ["[1, 2][2]", "error: index out of bounds: 2"],
  ["{'a': 1}['b']", "error: no such key: b"],
  ["{'a': 1}.b", "error: no such key: b"],
  ["true || 1 / 0 > 0", true],
  ["1 / 0 > 0 || true", true],
  ["1 / 0 > 0 && false", false],
  ["1 / 0 > 0 && true", "error: division by zero"],
];

for (const [source, expected] of OPERATORS) {
  test(`the operators in ${source} give ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(evaluate(source), expected);
  });
}

const MACROS: readonly (readonly [string, unknown])[] = [
  ["[1, 2, 3].all(x, x > 0)", true],
  ["[].all(x, x > 0) && ![].exists(x, x > 0)", true],
  ["[1, 0].all(x, 1 / x > 0)", "error: division by zero"],
  ["[0, -1].all(x, 1 / x > 0)", false],
  ["[0, 1].exists(x, 1 / x > 0)", true],
  ["[1, 2, 2].exists_one(x, x == 2)", false],
  ["[1, 2, 3].existsOne(x, x == 2)", true],
  ["[1, 2, 3].map(x, x * 2)", [2, 4, 6]],
  ["[1, 2, 3].map(x, x > 1, x * 2)", [4, 6]],
  ["[1, 2, 3].filter(x, x % 2 == 1)", [1, 3]],
  ["{'b': 1, 'a': 2}.map(k, k)", ["b", "a"]],
  ["{'a': 1}.all(k, k == 'a')", true],
  ["[[1, 2], [3]].map(l, l.map(x, x + 1))", [[2, 3], [4]]],
  [
    "[1, 2].map(x, [3, 4].map(y, x * y))",
    [
      [3, 4],
      [6, 8],
    ],
  ],
  ["[5, 6].all(i, v, v == i + 5)", true],
  ["{'a': 1}.exists(k, v, k == 'a' && v == 1)", true],
  ["{'a': 1, 'b': 1}.existsOne(k, v, v == 1)", false],
  ["[3, 4].transformList(i, v, i * v)", [0, 4]],
  ["[3, 4].transformList(i, v, v > 3, v)", [4]],
  ["{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 10)", { b: 20 }],
  ["{'a': 1}.transformMapEntry(k, v, {string(v): k})", { "1": "a" }],
  ["{'a': 2, 'b': 2}.transformMapEntry(k, v, {v: k})", "error: insert failed: key 2 already exists"],
  ["has({'a': 1}.a) && !has({'a': 1}.b)", true],
  ["optional.of(1).optMap(x, x + 1).value()", 2],
  ["optional.none().optMap(x, 1).hasValue()", false],
  ["optional.of(1).optFlatMap(x, optional.none()).orValue(7)", 7],
  ["optional.of(2).optMap(x, optional.of(x).optMap(y, y + x).value()).value()", 4],
];

for (const [source, expected] of MACROS) {
  test(`the macros in ${source} give ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(evaluate(source), expected);
  });
}

const OPTIONALS: readonly (readonly [string, unknown])[] = [
  ["optional.of(1).value()", 1],
  ["optional.none().value()", "error: optional.none() dereference"],
  ["optional.none().or(optional.of(2)).value()", 2],
  ["optional.ofNonZeroValue('').hasValue()", false],
  ["{'a': {'b': 1}}.?a.?b.orValue(2)", 1],
  ["{'a': {'b': 1}}.?x.b.orValue(2)", 2],
  ["[1, 2][?5].orValue(9)", 9],
  ["{'a': 1}[?'a'].value()", 1],
  ["optional.of([4])[0].value()", 4],
  ["[?optional.none(), ?optional.of(2), 3]", [2, 3]],
  ["{?'a': optional.none(), ?'b': optional.of(1)}", { b: 1 }],
  ["optional.unwrap([optional.of(1), optional.none()])", [1]],
];

for (const [source, expected] of OPTIONALS) {
  test(`the optionals in ${source} give ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(evaluate(source), expected);
  });
}

const CONVERSIONS: readonly (readonly [string, unknown])[] = [
  ["int('012')", 12],
  ["int(' 1')", "error: type conversion error from 'string' to 'int'"],
  ["int(1.9) + int(-1.9)", 0],
  ["int(1e30)", "error: integer overflow"],
  ["uint('-5')", "error: type conversion error from 'string' to 'uint'"],
  ["uint(-1)", "error: unsigned integer overflow"],
  ["double('1e3')", 1000],
  ["string(1000000.0)", "1e+06"],
  ["string(0.1) + string(1) + string(true) + string(2u)", "0.11true2"],
  ["string(b'\\xff')", "error: invalid UTF-8 in bytes, cannot convert to string"],
  ["bool('True') && !bool('f')", true],
  ["bool('yes')", "error: type conversion error from 'string' to 'bool'"],
  ["size(bytes('é')) == 2 && size('é😀') == 2 && 'abc'.size() == 3", true],
  ["duration('1h30m') == duration('90m') && string(duration('1.5s')) == '1.5s'", true],
  ["string(timestamp('2024-02-29T12:00:00.5+02:00'))", "2024-02-29T10:00:00.5Z"],
  ["timestamp('2024-01-01T00:00:00Z') + duration('24h') == timestamp('2024-01-02T00:00:00Z')", true],
  ["timestamp('2024-01-02T00:00:00Z') - timestamp('2024-01-01T00:00:00Z') == duration('24h')", true],
  ["timestamp('9999-12-31T23:59:59Z') + duration('1s')", "error: timestamp overflow"],
  ["int(timestamp('1970-01-01T00:01:00Z'))", 60],
  ["timestamp('2024-03-10T05:06:07.089Z').getMonth()", 2],
  ["timestamp('2024-03-10T05:06:07.089Z').getDate()", 10],
  ["timestamp('2024-03-10T05:06:07.089Z').getDayOfMonth()", 9],
  ["timestamp('2024-03-10T05:06:07.089Z').getDayOfYear()", 69],
  ["timestamp('2024-03-10T05:06:07.089Z').getDayOfWeek()", 0],
  ["timestamp('2024-03-10T05:06:07.089Z').getMilliseconds()", 89],
  ["timestamp('2024-03-10T23:00:00Z').getHours('+02:00')", 1],
  ["timestamp('2024-07-01T12:00:00Z').getHours('Europe/Berlin')", 14],
  ["duration('3730s').getHours() * 10000 + duration('3730s').getMinutes()", 10062],
  ["timestamp('2024-01-01T00:00:00Z').getHours('Nowhere/City')", "error: unknown time zone Nowhere/City"],
];

for (const [source, expected] of CONVERSIONS) {
  test(`the conversions in ${source} give ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(evaluate(source), expected);
  });
}

test("JSON is read by what it is: whole numbers are int, others double, keys may be any name", () => {
  const object = JSON.parse('{"n":3,"x":1.5,"l":[1,"a",null],"m":{"__proto__":{"p":1}},"s":"t"}');
  assert.equal(evaluate("object.n + 1", object), 4);
  assert.equal(evaluate("object.x * 2.0", object), 3);
  assert.equal(evaluate("object.l[2] == null && object.l.size() == 3", object), true);
  assert.equal(evaluate("object.m.__proto__.p", object), 1);
  assert.equal(evaluate("has(object.constructor) || has(object.m.toString)", object), false);
  assert.equal(evaluate("object.hasOwnProperty == 1", object), "error: no such key: hasOwnProperty");
});

test("an operation on values of unfit types is an error when it runs, if the types were not known before", () => {
  assert.equal(evaluate("object.s + 1", { s: "t" }), "error: no such overload");
  assert.equal(evaluate("object.s < 1", { s: "t" }), "error: no such overload");
  assert.equal(evaluate("object.s.size() > object.n.size()", { s: "t", n: 1 }), "error: no such overload: int.size()");
});
