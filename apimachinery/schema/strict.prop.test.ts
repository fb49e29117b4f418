import assert from "node:assert/strict";
import { test } from "node:test";
import { HoldfastError } from "@holdfast/base/errors/holdfast-error";
import fc from "fast-check";
import { parseJsonStrict, parseYaml } from "./strict.ts";

test("parseJsonStrict() reads every JSON text to the value it stands for, without repetitions", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      assert.deepEqual(parseJsonStrict(text), { value: JSON.parse(text) as unknown, duplicates: [] });
    }),
  );
});

test("parseJsonStrict() finds a repetition wherever one is put", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), (keys) => {
      const inner = `{${JSON.stringify(keys[0])}:1,"x y":{"deep":[]},${JSON.stringify(keys[0])}:2}`;
      const text = keys.reduceRight((body, key) => `{"a":[0,{${JSON.stringify(key)}:${body}}]}`, inner);
      assert.equal(parseJsonStrict(text).duplicates.length, 1);
    }),
  );
});

test("parseJsonStrict() and JSON.parse agree on what is JSON", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({
      unit: fc.constantFrom("{", "}", "[", "]", '"', ":", ",", "1", "-", ".", "e", "t", "\\", "u", " ", "null"),
    }),
    fc.jsonValue().chain((value) => {
      const whole = JSON.stringify(value);
      return fc.nat(whole.length).map((end) => whole.slice(0, end));
    }),
  );
  fc.assert(
    fc.property(text, (body) => {
      let valid = true;
      try {
        JSON.parse(body);
      } catch {
        valid = false;
      }
      try {
        parseJsonStrict(body);
        assert.ok(valid);
      } catch (error) {
        assert.ok(error instanceof HoldfastError);
        assert.equal(valid, false);
        assert.match(error.message, /^(invalid character '.+' |unexpected end of JSON input$)/s);
      }
    }),
    { numRuns: 500 },
  );
});

test("parseYaml() throws nothing but catalogued errors", () => {
  const unit = fc.constantFrom(
    "a",
    "b",
    ": ",
    "- ",
    "\n",
    "  ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a ",
    "*a",
    "<<",
    "!!int ",
    "'",
    '"',
    "|",
    "#",
    "1",
    "~",
    "?",
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 40 }), (text) => {
      try {
        parseYaml(text);
      } catch (error) {
        assert.ok(error instanceof HoldfastError, `${JSON.stringify(text)}: ${String(error)}`);
      }
    }),
    { numRuns: 500 },
  );
});
