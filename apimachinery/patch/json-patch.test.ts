import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { StatusError } from "../meta/status-error.ts";
import type { Json, JsonObject } from "../meta/types.ts";
import { patchErrors } from "./errors.ts";
import { applyJsonPatch, MAX_OPERATIONS, unknownPatchMembers } from "./json-patch.ts";
import { patchErrorToStatus } from "./to-status.ts";

/** The object of the recording patch-a of apiextensions-apiserver 1.37, as far as the operations reach. */
const quilt = {
  spec: {
    rows: 3,
    colour: "red",
    tags: ["a", "b", "c"],
    names: { "k~t": "v", "k/s": "w" },
    nested: { a: { b: 1, c: "d" } },
  },
};

function codeOf(operations: unknown, document: Json = quilt): string {
  try {
    applyJsonPatch(document, operations);
  } catch (error) {
    assert.ok(patchErrors.owns(error), String(error));
    return error.code;
  }
  return "applied";
}

const applied: [title: string, operations: unknown[], spec: JsonObject][] = [
  [
    "add a member",
    [{ op: "add", path: "/spec/names/new", value: "x" }],
    { names: { "k~t": "v", "k/s": "w", new: "x" } },
  ],
  ["add over a member", [{ op: "add", path: "/spec/rows", value: 4 }], { rows: 4 }],
  ["add without a value: null", [{ op: "add", path: "/spec/rows" }], { rows: null }],
  ["replace a missing member", [{ op: "replace", path: "/spec/none", value: 4 }], { none: 4 }],
  ["append", [{ op: "add", path: "/spec/tags/-", value: "d" }], { tags: ["a", "b", "c", "d"] }],
  ["insert", [{ op: "add", path: "/spec/tags/1", value: "x" }], { tags: ["a", "x", "b", "c"] }],
  ["insert at the end", [{ op: "add", path: "/spec/tags/3", value: "x" }], { tags: ["a", "b", "c", "x"] }],
  ["insert at a negative index", [{ op: "add", path: "/spec/tags/-1", value: "x" }], { tags: ["a", "b", "c", "x"] }],
  ["replace an item", [{ op: "replace", path: "/spec/tags/01", value: "x" }], { tags: ["a", "x", "c"] }],
  ["remove the last item", [{ op: "remove", path: "/spec/tags/-1" }], { tags: ["a", "b"] }],
  ["test that passes", [{ op: "test", path: "/spec/rows", value: 3 }], {}],
  ["test null of a missing member", [{ op: "test", path: "/spec/none", value: null }], {}],
  ["test an object in another order", [{ op: "test", path: "/spec/nested/a", value: { c: "d", b: 1 } }], {}],
  ["copy of a missing member: null", [{ op: "copy", from: "/spec/none", path: "/spec/m" }], { m: null }],
  ["escapes", [{ op: "replace", path: "/spec/names/k~0t", value: "1" }], { names: { "k~t": "1", "k/s": "w" } }],
  [
    "an escape that is none",
    [{ op: "add", path: "/spec/names/k~2t", value: "1" }],
    { names: { ...quilt.spec.names, "k~2t": "1" } },
  ],
  [
    "a copy is its own value",
    [
      { op: "copy", from: "/spec/nested", path: "/spec/twin" },
      { op: "replace", path: "/spec/twin/a/b", value: 9 },
    ],
    { twin: { a: { b: 9, c: "d" } } },
  ],
];

const refused: [title: string, operations: unknown][] = [
  ["remove a missing member", [{ op: "remove", path: "/spec/none" }]],
  ["remove below a missing one", [{ op: "remove", path: "/spec/none/deeper" }]],
  ["add below a missing one", [{ op: "add", path: "/spec/none/deeper", value: 1 }]],
  ["insert beyond the end", [{ op: "add", path: "/spec/tags/9", value: "x" }]],
  ["insert beyond the beginning", [{ op: "add", path: "/spec/tags/-5", value: "x" }]],
  ["replace beyond the end", [{ op: "replace", path: "/spec/tags/7", value: "x" }]],
  ["remove the dash", [{ op: "remove", path: "/spec/tags/-" }]],
  ["an index that is a word", [{ op: "replace", path: "/spec/tags/first", value: "x" }]],
  ["test that fails", [{ op: "test", path: "/spec/rows", value: 4 }]],
  ["test a list in another order", [{ op: "test", path: "/spec/tags", value: ["a", "c", "b"] }]],
  ["move a missing member", [{ op: "move", from: "/spec/none", path: "/spec/m" }]],
  ["move into itself", [{ op: "move", from: "/spec/nested", path: "/spec/nested/a/x" }]],
  ["an unknown operation", [{ op: "merge", path: "/spec/rows", value: 1 }]],
  ["no operation", [{ path: "/spec/rows", value: 1 }]],
  ["no path", [{ op: "add", value: 1 }]],
  ["no from", [{ op: "copy", path: "/spec/x" }]],
  ["the whole by a scalar", [{ op: "replace", path: "", value: 1 }]],
  ["below a scalar", [{ op: "add", path: "/spec/rows/x", value: 1 }]],
  ["a null operation", [null]],
];

describe("applyJsonPatch()", () => {
  for (const [title, operations, changes] of applied) {
    it(`applies: ${title}`, () => {
      assert.deepEqual(applyJsonPatch(quilt, operations), { spec: { ...quilt.spec, ...changes } });
    });
  }

  for (const [title, operations] of refused) {
    it(`refuses: ${title}`, () => assert.equal(codeOf(operations), "PATCH_OPERATION_FAILED"));
  }

  it("moves a value", () => {
    const moved = applyJsonPatch({ a: { x: 1 }, b: {} }, [{ op: "move", from: "/a/x", path: "/b/y" }]);
    assert.deepEqual(moved, { a: {}, b: { y: 1 } });
  });

  it("takes a pointer without its slash from the second segment on", () => {
    assert.deepEqual(applyJsonPatch({ a: 1 }, [{ op: "add", path: "spec/rows", value: 1 }]), { a: 1, rows: 1 });
  });

  it("leaves its input as it was, also when a later operation fails", () => {
    const before = structuredClone(quilt);
    codeOf([
      { op: "replace", path: "/spec/nested/a/b", value: 8 },
      { op: "remove", path: "/spec/none" },
    ]);
    applyJsonPatch(quilt, [{ op: "add", path: "/spec/tags/-", value: "d" }]);
    assert.deepEqual(quilt, before);
  });

  it("shares what no operation touched", () => {
    const patched = applyJsonPatch(quilt, [{ op: "replace", path: "/spec/rows", value: 4 }]) as typeof quilt;
    assert.equal(patched.spec.nested, quilt.spec.nested);
  });

  it("takes null for an empty list of operations", () => assert.equal(applyJsonPatch(quilt, null), quilt));

  it("agrees with evanphx/json-patch on recorded patches", () => {
    const lines = readFileSync(new URL("testdata/patches.jsonl", import.meta.url), "utf8")
      .trim()
      .split("\n");
    const cases = lines.map((line) => JSON.parse(line)).filter((c) => c.kind === "json");
    assert.ok(cases.length > 50);
    for (const { doc, patch, want, error } of cases) {
      if (error) assert.equal(codeOf(patch, doc), "PATCH_OPERATION_FAILED", JSON.stringify(patch));
      else assert.deepEqual(applyJsonPatch(doc, patch), want, JSON.stringify(patch));
    }
  });
});

describe("applyJsonPatch() with hostile input", () => {
  it("never reaches a prototype", () => {
    const patched = applyJsonPatch({ a: {} }, [
      { op: "add", path: "/a/__proto__", value: { polluted: true } },
    ]) as JsonObject;
    assert.ok(Object.hasOwn(patched["a"] as JsonObject, "__proto__"));
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
    assert.equal(codeOf([{ op: "add", path: "/spec/constructor/prototype/x", value: 1 }]), "PATCH_OPERATION_FAILED");
    assert.equal(codeOf([{ op: "test", path: "/spec/toString", value: null }]), "applied");
  });

  it("refuses copies that add up to more than three megabytes", () => {
    const big = { a: ["x".repeat(1000)] };
    const bomb = Array.from({ length: 30 }, () => ({ op: "copy", from: "/a", path: "/a/-" }));
    assert.equal(codeOf(bomb, big), "PATCH_COPY_TOO_LARGE");
  });

  it("takes nesting beyond any call stack", () => {
    let deep: Json = 1;
    for (let i = 0; i < 50_000; i++) deep = [deep];
    const operations = [
      { op: "add", path: "/deep", value: deep },
      { op: "copy", from: "/deep", path: "/twin" },
      { op: "test", path: "/twin", value: deep },
      { op: "remove", path: "/twin" },
    ];
    assert.deepEqual(Object.keys(applyJsonPatch({}, operations) as JsonObject), ["deep"]);
  });

  it("compares a large object with thousands of small ones in bounded time", () => {
    const large = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]));
    const operations = Array.from({ length: 5000 }, (_, i) =>
      i % 2 === 0 ? { op: "add", path: `/large/n${i}`, value: i } : { op: "test", path: "/small", value: {} },
    );
    operations.push({ op: "test", path: "/large", value: {} } as never);
    const started = performance.now();
    assert.equal(codeOf(operations, { large, small: {} }), "PATCH_OPERATION_FAILED");
    assert.ok(performance.now() - started < 3000);
  });

  it("refuses more than ten thousand operations", () => {
    const many = new Array(MAX_OPERATIONS + 2).fill({ op: "add", path: "/spec/rows", value: 1 });
    assert.equal(codeOf(many), "PATCH_TOO_MANY_OPERATIONS");
    assert.equal(codeOf(many.slice(2)), "applied");
  });
});

describe("patchErrorToStatus()", () => {
  const statusOf = (operations: unknown) => {
    try {
      applyJsonPatch(quilt, operations);
    } catch (error) {
      const status = patchErrorToStatus(error);
      assert.ok(status instanceof StatusError);
      return status.status;
    }
    throw new assert.AssertionError({ message: "applied" });
  };

  it("answers a failed operation with 422 and empty details", () => {
    const { metadata: _, ...status } = statusOf([{ op: "remove", path: "/spec/none" }]);
    assert.deepEqual(status, {
      kind: "Status",
      apiVersion: "v1",
      status: "Failure",
      message: "the server rejected our request due to an error in our request",
      reason: "Invalid",
      details: {},
      code: 422,
    });
  });

  it("answers too many operations with 413 and their number", () => {
    const status = statusOf(new Array(10_002).fill({ op: "add", path: "/a", value: 1 }));
    assert.equal(status.code, 413);
    assert.equal(
      status.message,
      "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10002",
    );
  });

  it("answers a body that is no patch with 400 and the decoder's words", () => {
    const words = [
      [
        { op: "replace" },
        "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
      ],
      ["x", "error decoding patch: json: cannot unmarshal string into Go value of type []handlers.jsonPatchOp"],
      [["x"], "error decoding patch: json: cannot unmarshal string into Go value of type handlers.jsonPatchOp"],
      [
        [{ op: 1, path: "/a" }],
        "error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string",
      ],
    ] as const;
    for (const [operations, message] of words) {
      const status = statusOf(operations);
      assert.deepEqual([status.code, status.reason, status.message], [400, "BadRequest", message]);
    }
  });

  it("leaves other errors alone", () => assert.equal(patchErrorToStatus(new Error("x")), undefined));
});

describe("unknownPatchMembers()", () => {
  it("names the members that JSON patch does not have", () => {
    const found = unknownPatchMembers([
      { op: "add", path: "/a", value: 1, why: "x" },
      { op: "remove", path: "/a" },
    ]);
    assert.deepEqual(found, ['unknown field "[0].why"']);
  });
});
