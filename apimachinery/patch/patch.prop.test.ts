import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HoldfastError } from "@holdfast/base/errors/holdfast-error";
import fc from "fast-check";
import { jsonEqual } from "../meta/json-equal.ts";
import { isObject } from "../meta/own-members.ts";
import type { Json, JsonObject } from "../meta/types.ts";
import { applyJsonPatch } from "./json-patch.ts";
import { applyMergePatch } from "./merge-patch.ts";
import { applyStrategicMergePatch } from "./strategic-merge-patch.ts";

const name = fc.constantFrom("a", "b", "c", "__proto__", "a/b", "m~n", "0");
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>(0, 1, "x", true, null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.array(fc.tuple(name, tie("value")), { maxLength: 4 }).map((members) => JSON.parse(objectText(members)) as Json),
  ),
})).value;
const object = json.filter(isObject) as fc.Arbitrary<JsonObject>;

function objectText(members: [string, Json][]): string {
  return `{${members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`;
}

/** The merge patch from one object to another, by the letter of the RFC. Undefined where none exists: nulls in the target. */
function diff(from: JsonObject, to: JsonObject): JsonObject {
  const patch: [string, Json][] = [];
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch.push([key, null]);
  for (const [key, value] of Object.entries(to)) {
    const before = Object.hasOwn(from, key) ? from[key] : undefined;
    if (isObject(value) && isObject(before)) patch.push([key, diff(before, value)]);
    else if (before === undefined || !jsonEqual(before, value)) patch.push([key, value]);
  }
  return JSON.parse(objectText(patch)) as JsonObject;
}

const hasNullMember = (value: Json): boolean =>
  typeof value === "object" &&
  value !== null &&
  (Array.isArray(value) ? value.some(hasNullMember) : Object.values(value).some((v) => v === null || hasNullMember(v)));

const hasNullInList = (value: Json): boolean =>
  Array.isArray(value) ? hasNullMember(value) : isObject(value) && Object.values(value).some(hasNullInList);

describe("patches", () => {
  it("applyMergePatch() turns one object into another by their difference", () => {
    fc.assert(
      fc.property(object, object, (from, to) => {
        fc.pre(!hasNullMember(to));
        assert.ok(jsonEqual(applyMergePatch(from, diff(from, to)), to));
      }),
    );
  });

  it("applyMergePatch() applied twice is applied once", () => {
    fc.assert(
      fc.property(object, object, (document, patch) => {
        // A list that replaces an object keeps its nulls the first time only, as the original's does.
        fc.pre(!hasNullInList(patch));
        const once = applyMergePatch(document, patch);
        assert.ok(jsonEqual(applyMergePatch(once, patch), once));
      }),
    );
  });

  it("applyStrategicMergePatch() without strategies and directives is a merge patch, but for objects in lists", () => {
    fc.assert(
      fc.property(object, object, (document, patch) => {
        fc.pre(!JSON.stringify({ document, patch }).includes("["));
        const schema = { "x-kubernetes-preserve-unknown-fields": true };
        const merged = applyStrategicMergePatch(document, patch, schema);
        assert.ok(jsonEqual(merged, applyMergePatch(document, patch)));
      }),
    );
  });

  const pointer = fc
    .array(fc.oneof(name, fc.constantFrom("-", "1", "-1", "00")), { maxLength: 4 })
    .map((parts) => parts.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""));
  const operation = fc.record(
    {
      op: fc.constantFrom("add", "remove", "replace", "move", "copy", "test"),
      path: pointer,
      from: pointer,
      value: json,
    },
    { requiredKeys: ["op"] },
  );

  it("applyJsonPatch() applies or throws a catalogued error, and never touches its input", () => {
    fc.assert(
      fc.property(json, fc.array(operation, { maxLength: 5 }), (document, operations) => {
        const before = JSON.stringify([document, operations]);
        try {
          JSON.stringify(applyJsonPatch(document, operations));
        } catch (error) {
          assert.ok(error instanceof HoldfastError, String(error));
        }
        assert.equal(JSON.stringify([document, operations]), before);
      }),
    );
  });

  it("applyJsonPatch() undoes an add by a remove", () => {
    fc.assert(
      fc.property(object, json, (document, value) => {
        fc.pre(!Object.hasOwn(document, "new"));
        const operations = [
          { op: "add", path: "/new", value },
          { op: "remove", path: "/new" },
        ];
        assert.ok(jsonEqual(applyJsonPatch(document, operations), document));
      }),
    );
  });
});
