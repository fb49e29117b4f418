import assert from "node:assert/strict";
import { test } from "node:test";
import { compileProgram } from "../environment.ts";
import { DOUBLE, DYN, INT, listOf, objectType, optionalOf, STRING } from "./cel-types.ts";

const VARIABLES = new Map([
  ["i", INT],
  ["d", DOUBLE],
  ["s", STRING],
  ["dyn_", DYN],
  ["list", listOf(STRING)],
  ["optional_", optionalOf(INT)],
  ["object", objectType("object", new Map([["a", INT]]))],
]);

function complaint(source: string): string {
  const compiled = compileProgram(source, VARIABLES);
  return "error" in compiled ? compiled.error : "compiles";
}

const EXPECTING =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

test("an expression that ends early names what could follow, with line and caret", () => {
  assert.equal(
    complaint("i >"),
    `ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting ${EXPECTING}\n | i >\n | ...^`,
  );
});

test("the caret stands in the line of the mistake, counted in characters", () => {
  assert.equal(
    complaint("s == '😀' &&\n  that > 1"),
    "ERROR: <input>:2:3: undeclared reference to 'that' (in container '')\n |   that > 1\n | ..^",
  );
  assert.equal(
    complaint("s == '😀' && b"),
    "ERROR: <input>:1:13: undeclared reference to 'b' (in container '')\n | s == '😀' && b\n | ............^",
  );
});

test("several mistakes are told in the order of their places", () => {
  assert.equal(
    complaint("object.x-b == 1"),
    "ERROR: <input>:1:7: undefined field 'x'\n | object.x-b == 1\n | ......^\n" +
      "ERROR: <input>:1:10: undeclared reference to 'b' (in container '')\n | object.x-b == 1\n | .........^",
  );
});

const FIRST_LINES: readonly (readonly [string, string])[] = [
  ["object.b > 1", "1:7: undefined field 'b'"],
  ["i.b > 1", "1:2: type 'int' does not support field selection"],
  ["i == s", "1:3: found no matching overload for '_==_' applied to '(int, string)'"],
  ["d == 2", "1:3: found no matching overload for '_==_' applied to '(double, int)'"],
  ["s == null", "1:3: found no matching overload for '_==_' applied to '(string, null)'"],
  ["i == optional_", "1:3: found no matching overload for '_==_' applied to '(int, optional_type(int))'"],
  ["type(i) == 'int'", "1:9: found no matching overload for '_==_' applied to '(type(int), string)'"],
  ["s.shout()", "1:8: undeclared reference to 'shout' (in container '')"],
  ["shout(s)", "1:6: undeclared reference to 'shout' (in container '')"],
  ["s.reverse() == s", "1:10: found no matching overload for 'reverse' applied to 'string.()'"],
  ["quantity(s).sign() > 0", "1:17: found no matching overload for 'sign' applied to 'kubernetes.Quantity.()'"],
  [
    "list[0].all(x, true)",
    "1:5: expression of type 'string' cannot be range of a comprehension (must be list, map, or dynamic)",
  ],
  ["list.all(x, x)", "1:9: found no matching overload for '_&&_' applied to '(bool, string)'"],
  ["has(object)", "1:5: invalid argument to has() macro"],
  ["[1, 'a']", "1:5: expected type 'int' but found 'string'"],
  ["{'a': 1, 'b': 'c'}", "1:15: expected type 'int' but found 'string'"],
  ["s.matches('[')", "1:11: invalid matches argument"],
  ["duration('x') < duration('1s')", "1:10: invalid duration argument"],
  ["timestamp('x') == timestamp('x')", "1:11: invalid timestamp argument"],
  ["if > 1", "1:1: reserved identifier: if"],
  ["i b", "1:3: Syntax error: extraneous input 'b' expecting <EOF>"],
  ["i b c", "1:3: Syntax error: mismatched input 'b' expecting <EOF>"],
  ["(i", "1:3: Syntax error: missing ')' at '<EOF>'"],
  ["i $ 1", "1:3: Syntax error: token recognition error at: '$'"],
  ["s == 'a", "1:6: Syntax error: token recognition error at: ''a'"],
  ["list.all(1, true)", "1:10: argument must be a simple name"],
  ["99999999999999999999", "1:1: invalid int literal"],
  ["Message{a: 1}", "1:8: undeclared reference to 'Message' (in container '')"],
  ["", "1:1: Syntax error: mismatched input '<EOF>' expecting " + EXPECTING],
];

for (const [source, expected] of FIRST_LINES) {
  test(`compiling ${JSON.stringify(source)} complains ${JSON.stringify(expected.slice(0, 60))}`, () => {
    assert.equal(complaint(source).split("\n")[0], `ERROR: <input>:${expected}`);
  });
}

const FINE = [
  "d > 1",
  "dyn_ == 1 && dyn_ == 'a'",
  "'%s %d'.format([s, 1]) != ''",
  "[dyn(1), dyn('a')] != []",
  "i in [1, 2] // why",
  "[i, ?optional_] != []",
];

for (const source of FINE) {
  test(`compiling ${source} does not complain`, () => {
    assert.equal(complaint(source), "compiles");
  });
}
