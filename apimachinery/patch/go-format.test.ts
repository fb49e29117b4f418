import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json } from "../meta/types.ts";
import { goJson, goPlain, goSyntax, goTypeName, jsonKindName } from "./go-format.ts";

describe("Go's formats of decoded JSON", () => {
  const value: Json = { b: [1, "x", null], a: { t: true }, f: 1.5, small: 0.00001 };

  it("prints %v with members in order", () => {
    assert.equal(goPlain(value), "map[a:map[t:true] b:[1 x <nil>] f:1.5 small:1e-05]");
    assert.equal(goPlain([]), "[]");
  });

  it("prints %#v with types", () => {
    assert.equal(
      goSyntax({ b: [1, "x", null] }),
      'map[string]interface {}{"b":[]interface {}{1, "x", interface {}(nil)}}',
    );
  });

  it("names types as %T and as the JSON decoder does", () => {
    assert.deepEqual(
      [1, 1.5, "x", true, null, [], {}].map((v) => goTypeName(v as Json)),
      ["int64", "float64", "string", "bool", "<nil>", "[]interface {}", "map[string]interface {}"],
    );
    assert.deepEqual([1, "x", true, null, [], {}].map(jsonKindName), [
      "number",
      "string",
      "bool",
      "null",
      "array",
      "object",
    ]);
  });

  it("escapes JSON text for HTML", () => assert.equal(goJson("<a&b>\u2028"), '"\\u003ca\\u0026b\\u003e\\u2028"'));

  it("cuts what is large or deep", () => {
    assert.ok(goPlain("x".repeat(1_000_000)).length < 9000);
    let deep: Json = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    assert.ok(goPlain(deep).length < 9000);
    assert.ok(goSyntax(deep).length < 9000);
  });
});
