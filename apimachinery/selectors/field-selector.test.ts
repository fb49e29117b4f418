import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { StatusError } from "../meta/status-error.ts";
import { checkSupportedFields, parseFieldSelector } from "./field-selector.ts";

function messageOf(text: string): string {
  try {
    parseFieldSelector(text);
  } catch (error) {
    assert.ok(error instanceof StatusError && error.httpCode === 400, String(error));
    return error.message;
  }
  return "parsed";
}

describe("parseFieldSelector()", () => {
  it("reads terms in order of their texts and leaves empty ones out", () => {
    assert.deepEqual(parseFieldSelector("b!=2,,a=1,!=,c==3").terms, [
      { field: "a", operator: "=", value: "1" },
      { field: "b", operator: "!=", value: "2" },
      { field: "c", operator: "=", value: "3" },
    ]);
    assert.equal(parseFieldSelector("").isEmpty, true);
    assert.equal(parseFieldSelector("a=1,b!=2").exactValue("a"), "1");
    assert.equal(parseFieldSelector("a=1,b!=2").exactValue("b"), undefined);
  });

  it("resolves escapes in values", () => {
    assert.deepEqual(parseFieldSelector(String.raw`a=x\,y\=z\\`).terms, [
      { field: "a", operator: "=", value: "x,y=z\\" },
    ]);
  });

  it("refuses in the original's words", () => {
    const refused: [text: string, message: string][] = [
      ["nonsense", "invalid selector: 'nonsense'; can't understand 'nonsense'"],
      ["metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'"],
      ["spec.fill in (plum)", "invalid selector: 'spec.fill in (plum)'; can't understand 'spec.fill in (plum)'"],
      ["a=b=c", "invalid field selector: unescaped character in value: 61"],
      [String.raw`a=\x`, String.raw`invalid field selector: invalid escape sequence: \x`],
      ["a=b\\", "invalid field selector: invalid escape sequence: \\"],
    ];
    for (const [text, message] of refused) assert.equal(messageOf(text), message);
  });

  it("matches as each term by itself does, whatever the value", () => {
    const escaped = (value: string) => value.replaceAll("\\", "\\\\").replaceAll(",", "\\,").replaceAll("=", "\\=");
    const values = fc.constantFrom("", "x", ",", "a=b", "\\", "x,y");
    const term = fc.tuple(fc.constantFrom("metadata.name", "spec.x"), fc.boolean(), values);
    fc.assert(
      fc.property(
        fc.array(term, { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("metadata.name", "spec.x"), values),
        (terms, object) => {
          const selector = parseFieldSelector(
            terms.map(([f, equal, v]) => `${f}${equal ? "=" : "!="}${escaped(v)}`).join(","),
          );
          assert.equal(
            selector.matches(object),
            terms.every(([f, equal, v]) => ((object[f] ?? "") === v) === equal),
          );
        },
      ),
    );
  });

  it("answers hostile texts quickly and never takes a prototype for a value", () => {
    const started = performance.now();
    for (const text of [
      "=".repeat(1_000_000),
      "a".repeat(1_000_000),
      "a=1,".repeat(200_000),
      "\\".repeat(1_000_000),
      "!".repeat(500_000),
    ])
      messageOf(text);
    assert.ok(performance.now() - started < 2000);
    assert.equal(parseFieldSelector("toString!=").matches({}), false);
  });
});

describe("checkSupportedFields()", () => {
  const selector = parseFieldSelector("metadata.name=a,spec.zz=1");

  it("words its refusal as the kind does", () => {
    assert.equal(
      checkSupportedFields(selector, []),
      '"spec.zz" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
    assert.equal(checkSupportedFields(selector, ["spec.nodeName"]), "field label not supported: spec.zz");
    assert.equal(checkSupportedFields(selector, [], "label"), "field label not supported: spec.zz");
  });

  it("accepts the kind's own fields and those of every kind", () => {
    assert.equal(checkSupportedFields(selector, ["spec.zz"]), undefined);
    assert.equal(checkSupportedFields(parseFieldSelector("metadata.name=a,metadata.namespace!=b"), []), undefined);
  });
});
