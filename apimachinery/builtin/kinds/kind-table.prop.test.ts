// Every kind takes every object of its type: nothing but a refusal comes out, and doing it twice changes nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { KubeObject } from "../../meta/types.ts";
import { fieldsOf } from "../type-table.ts";
import { COLUMNS } from "./columns/column-table.ts";
import { normalizeBuiltin } from "./decode-builtin.ts";
import { kindBehaviour } from "./kind-table.ts";

const WORDS = fc.constantFrom(
  "",
  "a",
  "Bad Name",
  "*",
  "10.0.0.1",
  "::1",
  "None",
  "ClientIP",
  "NodePort",
  "Always",
  "{}",
  "[1]",
  "a/b/c",
  "é",
  "50%",
);
const SCALARS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  string: WORDS,
  bool: fc.boolean(),
  int32: fc.constantFrom(-1, 0, 1, 2, 70_000, 2_147_483_647),
  int64: fc.constantFrom(-1, 0, 1, 30, 2_147_483_648),
  float64: fc.double({ noNaN: true, noDefaultInfinity: true }),
  bytes: fc.constantFrom("", "YQ==", "e30="),
  quantity: fc.constantFrom("0", "1", "-1", "100m", "1Gi", "0.5n"),
  intorstring: fc.oneof(fc.constantFrom(-1, 0, 1, 80), fc.constantFrom("10%", "101%", "x", "http")),
  time: fc.constantFrom("2021-01-01T00:00:00Z", null),
  microtime: fc.constantFrom("2021-01-01T00:00:00.000000Z", null),
  duration: fc.constant("1s"),
};

function anyOf(type: string, depth: number): fc.Arbitrary<unknown> {
  if (type.startsWith("[]")) return fc.array(anyOf(type.slice(2), depth), { maxLength: 2 });
  if (type.startsWith("{}"))
    return fc.dictionary(fc.constantFrom("a", "", "storage", "cpu", "x y", "data"), anyOf(type.slice(2), depth), {
      maxKeys: 2,
    });
  const scalar = SCALARS[type];
  if (scalar !== undefined) return scalar;
  if (!type.includes("/")) return fc.constantFrom({}, true);
  return struct(type, depth);
}

function struct(type: string, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const members: Record<string, fc.Arbitrary<unknown>> = {};
  const add = (key: string): void => {
    for (const field of fieldsOf(key) ?? []) {
      if (field.options.inline) add(field.type);
      else if (depth > 0 && field.name !== "metadata")
        members[field.name] = fc.oneof(
          { weight: 2, arbitrary: fc.constant(undefined) },
          { weight: 3, arbitrary: anyOf(field.type, depth - 1) },
        );
    }
  };
  add(type);
  return fc.record(members, { requiredKeys: [] });
}

const KEYS = Object.keys(COLUMNS).filter((key) => !key.startsWith("apiextensions/"));

function make(typeKey: string, members: unknown): KubeObject {
  const { apiVersion, kind } = kindBehaviour(typeKey).empty as KubeObject;
  const metadata = {
    name: "n",
    namespace: "d",
    uid: "u",
    finalizers: ["x"],
    creationTimestamp: "2021-01-01T00:00:00Z",
  };
  const plain = JSON.parse(JSON.stringify(members)) as Record<string, unknown>;
  return { ...plain, apiVersion, kind, metadata };
}

for (const typeKey of KEYS) {
  test(`${typeKey} takes every object of its type`, () => {
    const kind = kindBehaviour(typeKey);
    fc.assert(
      fc.property(struct(typeKey, 8), struct(typeKey, 8), (first, second) => {
        const object = make(typeKey, first);
        normalizeBuiltin(object, typeKey);
        const once = JSON.stringify(object);
        normalizeBuiltin(object, typeKey);
        assert.equal(JSON.stringify(object), once, "normalizing is idempotent");
        kind.defaults?.(object);
        const defaulted = structuredClone(object);
        kind.defaults?.(object);
        assert.deepEqual(object, defaulted, "defaulting is idempotent");
        const old = make(typeKey, second);
        normalizeBuiltin(old, typeKey);
        kind.defaults?.(old);
        kind.prepareForCreate?.(old, "2021-01-01T00:00:00Z");
        kind.validate?.(old);
        const next = structuredClone(object);
        kind.prepareForUpdate?.(next, old, "2021-01-01T00:00:00Z");
        for (const error of kind.validateUpdate?.(next, old) ?? []) assert.equal(typeof error.field, "string");
        kind.prepareForStatusUpdate?.(object, old);
        kind.validateStatusUpdate?.(object, old);
        assert.equal(kind.cells?.(old, 0).length, kind.columns?.length);
        kind.selectableFields?.(old);
        kind.gracePeriodSeconds?.(old, undefined);
        if (kind.toStorage !== undefined) kind.convert?.(kind.toStorage(old));
      }),
      { numRuns: 60 },
    );
  });
}
