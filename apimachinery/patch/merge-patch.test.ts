import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { Json, JsonObject } from "../meta/types.ts";
import { applyMergePatch } from "./merge-patch.ts";

/** RFC 7386, appendix A, as far as the API server follows it. */
const rfc: [original: Json, patch: Json, result: Json][] = [
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [
    ["a", "b"],
    ["c", "d"],
    ["c", "d"],
  ],
  [{ a: "b" }, ["c"], ["c"]],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: "b", c: null }, { a: "b" }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

describe("applyMergePatch()", () => {
  for (const [original, patch, result] of rfc) {
    it(`gives ${JSON.stringify(result)} for ${JSON.stringify(original)} and ${JSON.stringify(patch)}`, () => {
      assert.deepEqual(applyMergePatch(original, patch), result);
    });
  }

  it("keeps nulls in lists and drops them from the objects in lists", () => {
    const patch = { free: { list: [null, { q: null }], gone: null, obj: { n: null } } };
    assert.deepEqual(applyMergePatch({ free: { list: [1] } }, patch), { free: { list: [null, {}], obj: {} } });
  });

  it("neither changes its input nor copies what stays", () => {
    const document = { a: { b: 1 }, c: { d: 2 } };
    const patched = applyMergePatch(document, { a: { b: 3 } }) as typeof document;
    assert.deepEqual(document, { a: { b: 1 }, c: { d: 2 } });
    assert.equal(patched.c, document.c);
  });

  it("treats __proto__ as a member", () => {
    const patched = applyMergePatch({ a: 1 }, JSON.parse('{"__proto__":{"polluted":{"x":1}}}')) as JsonObject;
    assert.equal(JSON.stringify(patched), '{"a":1,"__proto__":{"polluted":{"x":1}}}');
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  });

  it("takes patches nested beyond any call stack and of megabytes", () => {
    let deep: Json = { leaf: null };
    for (let i = 0; i < 50_000; i++) deep = i % 2 === 0 ? { a: deep } : [deep];
    assert.equal(typeof applyMergePatch({}, { deep }), "object");
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, { v: i, n: null }]));
    assert.deepEqual((applyMergePatch({}, wide) as JsonObject)["k99999"], { v: 99_999 });
  });

  it("agrees with evanphx/json-patch on recorded patches", () => {
    const lines = readFileSync(new URL("testdata/patches.jsonl", import.meta.url), "utf8")
      .trim()
      .split("\n");
    const cases = lines.map((line) => JSON.parse(line)).filter((c) => c.kind === "merge");
    assert.ok(cases.length > 30);
    for (const { doc, patch, want } of cases) assert.deepEqual(applyMergePatch(doc, patch), want);
  });
});
