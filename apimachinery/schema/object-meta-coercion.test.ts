import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json } from "../meta/types.ts";
import { readObjectMeta } from "./object-meta-coercion.ts";

const REFUSED: readonly (readonly [Json, string])[] = [
  ["x", "json: cannot unmarshal string into Go value of type v1.ObjectMeta"],
  [[], "json: cannot unmarshal array into Go value of type v1.ObjectMeta"],
  [{ name: 5 }, "json: cannot unmarshal number into Go struct field ObjectMeta.name of type string"],
  [{ uid: 5 }, "json: cannot unmarshal number into Go struct field ObjectMeta.uid of type types.UID"],
  [{ labels: { a: 1 } }, "json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string"],
  [{ labels: "x" }, "json: cannot unmarshal string into Go struct field ObjectMeta.labels of type map[string]string"],
  [{ finalizers: [1] }, "json: cannot unmarshal number into Go struct field ObjectMeta.finalizers of type string"],
  [
    { ownerReferences: [{ controller: "y" }] },
    "json: cannot unmarshal string into Go struct field OwnerReference.ownerReferences.controller of type bool",
  ],
  [{ generation: 1.5 }, "json: cannot unmarshal number 1.5 into Go struct field ObjectMeta.generation of type int64"],
  [{ creationTimestamp: "x" }, 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'],
  [{ creationTimestamp: "2024-13-02T03:04:05Z" }, 'parsing time "2024-13-02T03:04:05Z": month out of range'],
  [{ creationTimestamp: "2024-02-30T03:04:05Z" }, 'parsing time "2024-02-30T03:04:05Z": day out of range'],
  [{ creationTimestamp: "2024-01-02T03:04:05Zx" }, 'parsing time "2024-01-02T03:04:05Zx": extra text: "x"'],
  [{ name: 1, uid: 2 }, "json: cannot unmarshal number into Go struct field ObjectMeta.name of type string"],
];

for (const [metadata, error] of REFUSED) {
  test(`readObjectMeta() refuses ${JSON.stringify(metadata)} in the decoder's words`, () => {
    assert.deepEqual(readObjectMeta(metadata), { error });
  });
}

test("readObjectMeta() drops unknown fields and says where they were", () => {
  const metadata = { name: "a", zz: 1, ownerReferences: [{ apiVersion: "v1", kind: "A", name: "a", uid: "u", x: 1 }] };
  assert.deepEqual(readObjectMeta(metadata), {
    meta: { name: "a", ownerReferences: [{ apiVersion: "v1", kind: "A", name: "a", uid: "u" }] },
    unknown: ["zz", "ownerReferences[0].x"],
  });
});

test("readObjectMeta() leaves out what is empty, and writes what an owner must have", () => {
  const metadata: Json = {
    name: "",
    labels: {},
    finalizers: [],
    generation: 0,
    creationTimestamp: null,
    annotations: { a: null },
    ownerReferences: [{}],
  };
  assert.deepEqual(readObjectMeta(metadata), {
    meta: { annotations: { a: "" }, ownerReferences: [{ apiVersion: "", kind: "", name: "", uid: "" }] },
    unknown: [],
  });
});

test("readObjectMeta() keeps times in whole seconds of UTC", () => {
  assert.deepEqual(readObjectMeta({ creationTimestamp: "2024-01-02T03:04:05.9+02:00" }), {
    meta: { creationTimestamp: "2024-01-02T01:04:05Z" },
    unknown: [],
  });
});

test("readObjectMeta() takes keys of prototypes for data", () => {
  const metadata = JSON.parse('{"labels":{"__proto__":"x","constructor":"y"},"toString":1}') as Json;
  const read = readObjectMeta(metadata);
  assert.ok("meta" in read);
  assert.equal(JSON.stringify(read), '{"meta":{"labels":{"__proto__":"x","constructor":"y"}},"unknown":["toString"]}');
});
