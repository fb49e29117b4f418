import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileAdmissionExpression } from "../admission-expressions.ts";
import { parseExpression } from "./parser.ts";

const PIECES = [
  "object",
  "x",
  "1",
  "1.5",
  "2u",
  "'a'",
  "b'a'",
  "true",
  "null",
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  ".",
  ".?",
  "[?",
  ",",
  "?",
  ":",
  "+",
  "-",
  "*",
  "/",
  "%",
  "!",
  "==",
  "!=",
  "<",
  ">=",
  "in",
  "&&",
  "||",
  "all(",
  "map(",
  "has(",
  "size(",
  "optMap(",
  "string(",
  "matches(",
  " ",
  "\n",
  "`a-b`",
  "$",
  "'",
  '"""',
];
const anySource = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 25 }).map((pieces) => pieces.join(" ")),
  fc.string({ maxLength: 60, unit: "binary" }),
);

test("any text either compiles or is refused with a place, and runs to a value or an error", () => {
  fc.assert(
    fc.property(anySource, fc.json(), (source, json) => {
      const compiled = compileAdmissionExpression(source);
      if ("error" in compiled) return assert.match(compiled.error, /^ERROR: <input>:-?\d+:\d+: /);
      const outcome = compiled.program.evaluate({ object: JSON.parse(json), oldObject: null, request: {} });
      assert.ok("value" in outcome || typeof outcome.error === "string");
    }),
    { numRuns: 3_000 },
  );
});

const arithmetic: fc.Arbitrary<{ text: string; value: bigint }> = fc.letrec<{ node: { text: string; value: bigint } }>(
  (tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.integer({ min: 0, max: 99 }).map((n) => ({ text: `${n}`, value: BigInt(n) })),
      fc.tuple(tie("node"), fc.constantFrom("+", "-", "*"), tie("node")).map(([a, operator, b]) => ({
        text: `(${a.text} ${operator} ${b.text})`,
        value: operator === "+" ? a.value + b.value : operator === "-" ? a.value - b.value : a.value * b.value,
      })),
    ),
  }),
).node;

test("arithmetic of whole numbers gives what it gives elsewhere, or an overflow", () => {
  fc.assert(
    fc.property(arithmetic, ({ text, value }) => {
      const compiled = compileAdmissionExpression(`${text} == ${value}`);
      assert.ok("program" in compiled || BigInt.asIntN(64, value) !== value);
      if (!("program" in compiled)) return;
      const outcome = compiled.program.evaluate({ object: null, oldObject: null, request: {} });
      assert.deepEqual(outcome, "error" in outcome ? { error: "integer overflow" } : { value: true });
    }),
  );
});

test("quoting a text and reading it gives the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const parsed = parseExpression(JSON.stringify(text.toWellFormed()));
      assert.ok("expr" in parsed);
      assert.equal(parsed.expr.kind === "literal" ? parsed.expr.value : undefined, text.toWellFormed());
    }),
  );
});
