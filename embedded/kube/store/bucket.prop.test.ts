import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Bucket } from "./bucket.ts";
import { storedFromJson } from "./stored.ts";

const NAMESPACES = ["a", "a-b", "a.b", "a0", "b"];
const namespace = fc.constantFrom(...NAMESPACES);
const name = fc.constantFrom("a", "b", "b-1", "z", "0");
const clusterKey = fc.constantFrom("a", "a-b", "a.b", "a0", "b", "c");
const namespacedKey = fc.tuple(namespace, name).map((parts) => parts.join("/"));

function changes(key: fc.Arbitrary<string>): fc.Arbitrary<{ key: string; remove: boolean }[]> {
  return fc.array(fc.record({ key, remove: fc.boolean() }), { maxLength: 60 });
}

/** Makes the bucket and the plain map that it must equal. */
function filled(list: readonly { key: string; remove: boolean }[]): { bucket: Bucket; keys: Map<string, number> } {
  const bucket = new Bucket();
  const keys = new Map<string, number>();
  for (const [i, { key, remove }] of list.entries()) {
    if (remove) {
      bucket.delete(key);
      keys.delete(key);
    } else {
      bucket.set(key, storedFromJson("{}", i + 1, 1));
      keys.set(key, i + 1);
    }
  }
  return { bucket, keys };
}

function agree(list: readonly { key: string; remove: boolean }[], within: string, after: string): void {
  const { bucket, keys } = filled(list);
  const expected = [...keys.entries()]
    .filter(([key]) => (within === "" || key.split("/")[0] === within) && (after === "" || key > after))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  assert.deepEqual(
    [...bucket.range(within, after)].map(([key, stored]) => [key, stored.revision]),
    expected,
  );
  assert.equal(bucket.count(within, after), expected.length);
  assert.equal(bucket.size, keys.size);
  for (const key of ["a", "a/a", "b/z"]) assert.equal(bucket.get(key)?.revision, keys.get(key));
}

test("a range over namespaced objects is the sorted list of what is in the namespace behind the key", () => {
  const within = fc.oneof(fc.constant(""), namespace, fc.constant("missing"));
  const after = fc.oneof(fc.constant(""), namespacedKey, fc.constantFrom("a/", "a/zz", "zzz", "!"));
  fc.assert(fc.property(changes(namespacedKey), within, after, agree), { numRuns: 500 });
});

test("a range over cluster-scoped objects is the sorted list of what is behind the key", () => {
  const after = fc.oneof(fc.constant(""), clusterKey, fc.constantFrom("aa", "zzz"));
  fc.assert(
    fc.property(changes(clusterKey), after, (list, key) => agree(list, "", key)),
    { numRuns: 300 },
  );
});

test("a namespace whose name starts like another one's is not mixed up with it", () => {
  const { bucket } = filled(["a/x", "a-b/x", "a.b/x", "a0/x"].map((key) => ({ key, remove: false })));
  assert.deepEqual(
    [...bucket.range("a")].map(([key]) => key),
    ["a/x"],
  );
  assert.equal(bucket.count("a"), 1);
  assert.deepEqual(
    [...bucket.range("")].map(([key]) => key),
    ["a-b/x", "a.b/x", "a/x", "a0/x"],
  );
});
