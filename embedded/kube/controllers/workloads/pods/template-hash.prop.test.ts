import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { templateHash } from "./template-hash.ts";

test("templateHash() is the same whatever the order of members, and fits in a label", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (template) => {
      const reversed = Object.fromEntries(Object.entries(template).reverse());
      const hash = templateHash(template);
      assert.equal(templateHash(reversed), hash);
      assert.match(hash, /^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
    }),
  );
});

test("templateHash() differs when the template or the number of collisions does", () => {
  const template = { spec: { containers: [{ name: "a", image: "x:1" }] } };
  const other = { spec: { containers: [{ name: "a", image: "x:2" }] } };
  assert.notEqual(templateHash(template), templateHash(other));
  assert.notEqual(templateHash(template), templateHash(template, 1));
});
