import assert from "node:assert/strict";
import { test } from "node:test";
import { type FieldError, fieldErrorText } from "../meta/field-error.ts";
import type { ObjectMeta } from "../meta/types.ts";
import { pathSegment } from "./name-rules.ts";
import { validateFieldManager, validateObjectMeta, validateObjectMetaUpdate } from "./object-meta.ts";

function texts(errors: readonly FieldError[]): string[] {
  return errors.map(fieldErrorText);
}

function create(meta: ObjectMeta): string[] {
  return texts(validateObjectMeta({ name: "s", namespace: "default", ...meta }, { namespaced: true }));
}

test("validateObjectMeta() accepts an ordinary object", () => {
  assert.deepEqual(
    create({ labels: { "a.b/c_d": "A_b" }, annotations: { "A.B/C": "any\nthing" }, finalizers: ["orphan", "a.b/c"] }),
    [],
  );
});

test("validateObjectMeta() wants a name, and a namespace where the kind has one", () => {
  assert.deepEqual(texts(validateObjectMeta({}, { namespaced: true })), [
    "metadata.name: Required value: name or generateName is required",
    "metadata.namespace: Required value",
  ]);
  assert.deepEqual(texts(validateObjectMeta({ name: "a", namespace: "b" }, { namespaced: false })), [
    "metadata.namespace: Forbidden: not allowed on this type",
  ]);
  assert.deepEqual(texts(validateObjectMeta({ name: "a", namespace: "x.y" }, { namespaced: true })), [
    'metadata.namespace: Invalid value: "x.y": must not contain dots',
  ]);
});

test("validateObjectMeta() follows the name rule it is given, for generated names too", () => {
  const options = { namespaced: false, nameRule: pathSegment, path: "spec.embedded.metadata" };
  assert.deepEqual(texts(validateObjectMeta({ name: "a/b", generateName: "a%" }, options)), [
    `spec.embedded.metadata.generateName: Invalid value: "a%": may not contain '%'`,
    `spec.embedded.metadata.name: Invalid value: "a/b": may not contain '/'`,
  ]);
});

test("validateObjectMeta() names the keys and values of bad labels", () => {
  const errors = create({ labels: { "a b": "c", d: "e f", ok: "ok" } });
  assert.equal(errors.length, 2);
  assert.match(errors[0] as string, /^metadata\.labels: Invalid value: "a b": name part must consist/);
  assert.match(errors[1] as string, /^metadata\.labels: Invalid value: "e f": a valid label must be an empty string/);
});

test("validateObjectMeta() counts the bytes of annotations, keys included", () => {
  assert.deepEqual(create({ annotations: { a: "x".repeat(262_143) } }), []);
  assert.deepEqual(create({ annotations: { a: "x".repeat(262_144) } }), [
    "metadata.annotations: Too long: may not be more than 262144 bytes",
  ]);
  assert.deepEqual(create({ annotations: { a: "ä".repeat(131_072) } }), [
    "metadata.annotations: Too long: may not be more than 262144 bytes",
  ]);
});

test("validateObjectMeta() wants owners complete, of a permitted kind, and one controller", () => {
  const owner = { apiVersion: "v1", kind: "A", name: "a", uid: "u1", controller: true };
  const other = { apiVersion: "v1", kind: "B", name: "b", uid: "u2", controller: true };
  assert.deepEqual(create({ ownerReferences: [{ apiVersion: "", kind: "", name: "", uid: "" }] }), [
    "metadata.ownerReferences[0].apiVersion: Required value: must not be empty",
    "metadata.ownerReferences[0].kind: Required value: must not be empty",
    "metadata.ownerReferences[0].name: Required value: must not be empty",
    "metadata.ownerReferences[0].uid: Required value: must not be empty",
  ]);
  assert.deepEqual(create({ ownerReferences: [owner, other] }), [
    'metadata.ownerReferences: Invalid value: [{"apiVersion":"v1","kind":"A","name":"a","uid":"u1","controller":true},{"apiVersion":"v1","kind":"B","name":"b","uid":"u2","controller":true}]: Only one reference can have Controller set to true. Found "true" in references for A/a and B/b',
  ]);
  assert.deepEqual(create({ ownerReferences: [{ apiVersion: "v1", kind: "Event", name: "d", uid: "u-1" }] }), [
    'metadata.ownerReferences[0]: Invalid value: {"apiVersion":"v1","kind":"Event","name":"d","uid":"u-1"}: /v1, Kind=Event is disallowed from being an owner',
  ]);
  assert.deepEqual(create({ ownerReferences: [{ apiVersion: "a/b/c", kind: "D", name: "d", uid: "u-1" }] }), [
    'metadata.ownerReferences[0].apiVersion: Invalid value: "a/b/c": must be <group>/<version> or <version>',
  ]);
});

test("validateObjectMeta() refuses the two finalizers that contradict each other", () => {
  assert.deepEqual(create({ finalizers: ["orphan", "foregroundDeletion"] }), [
    'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
  ]);
});

test("validateObjectMeta() checks managed fields", () => {
  const entries = [{ manager: "m".repeat(129) }, { operation: "Other", fieldsType: "X" }] as unknown as NonNullable<
    ObjectMeta["managedFields"]
  >;
  assert.deepEqual(create({ managedFields: entries }), [
    "metadata.managedFields[0].operation: Required value: must not be empty",
    "metadata.managedFields[0].manager: Too long: may not be more than 128 bytes",
    'metadata.managedFields[1].operation: Unsupported value: "Other": supported values: "Apply", "Update"',
    'metadata.managedFields[1].fieldsType: Invalid value: "X": must be `FieldsV1`',
  ]);
});

test("validateFieldManager() wants printable characters", () => {
  assert.deepEqual(texts(validateFieldManager("a\u0001b")), [
    'fieldManager: Invalid value: "a\\x01b": invalid character U+0001 (at position 1)',
  ]);
});

const OLD: ObjectMeta = { name: "a", namespace: "n", uid: "u", resourceVersion: "7", generation: 2 };

test("validateObjectMetaUpdate() tolerates what may change", () => {
  assert.deepEqual(
    validateObjectMetaUpdate({ ...OLD, labels: { a: "b" }, finalizers: ["a.b/c"], generation: 3 }, OLD),
    [],
  );
});

test("validateObjectMetaUpdate() refuses what may not", () => {
  const next: ObjectMeta = {
    name: "b",
    namespace: "m",
    uid: "v",
    generation: 1,
    deletionTimestamp: "2030-01-01T00:00:00Z",
    deletionGracePeriodSeconds: 9,
  };
  assert.deepEqual(texts(validateObjectMetaUpdate(next, OLD)), [
    'metadata.resourceVersion: Invalid value: "": must be specified for an update',
    "metadata.generation: Invalid value: 1: must not be decremented",
    'metadata.name: Invalid value: "b": field is immutable',
    'metadata.namespace: Invalid value: "m": field is immutable',
    'metadata.uid: Invalid value: "v": field is immutable',
    'metadata.deletionTimestamp: Invalid value: "2030-01-01T00:00:00Z": field is immutable',
    "metadata.deletionGracePeriodSeconds: Invalid value: 9: field is immutable",
  ]);
});

test("validateObjectMetaUpdate() lets no finalizer come once deletion has begun", () => {
  const old: ObjectMeta = { ...OLD, deletionTimestamp: "2030-01-01T00:00:00Z", finalizers: ["a.b/c"] };
  assert.deepEqual(validateObjectMetaUpdate({ ...old, finalizers: [] }, old), []);
  assert.deepEqual(texts(validateObjectMetaUpdate({ ...old, finalizers: ["a.b/c", "x.y/z", "d.e/f"] }, old)), [
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"d.e/f", "x.y/z"}',
  ]);
});
