import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { JsonObject } from "../meta/types.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { FieldSet } from "./field-set.ts";

const text: JsonSchema = { type: "string" };
const schema: JsonSchema = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        size: { type: "integer" },
        plain: { type: "array", items: text },
        set: { type: "array", items: text, "x-kubernetes-list-type": "set" },
        ports: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["port", "proto"],
          items: {
            type: "object",
            properties: { port: { type: "integer" }, proto: { type: "string", default: "TCP" }, name: text },
          },
        },
        gran: { type: "object", additionalProperties: text },
        solid: { type: "object", additionalProperties: text, "x-kubernetes-map-type": "atomic" },
        free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        nested: { type: "object", properties: { x: { type: "object", properties: { y: { type: "integer" } } } } },
      },
    },
  },
};

function fields(value: JsonObject): JsonObject {
  return FieldSet.ofValue(value, schema).toFieldsV1();
}

describe("FieldSet.ofValue()", () => {
  const cases: [title: string, spec: JsonObject, expected: JsonObject][] = [
    ["leaves only, not the structs on the way", { nested: { x: { y: 1 } } }, { "f:nested": { "f:x": { "f:y": {} } } }],
    ["atomic lists and maps as one", { plain: ["u"], solid: { a: "1" } }, { "f:plain": {}, "f:solid": {} }],
    ["items of sets", { set: ["x", "y"] }, { "f:set": { 'v:"x"': {}, 'v:"y"': {} } }],
    [
      "items of keyed lists, with the defaults of their keys, in order",
      {
        ports: [
          { port: 80, proto: "UDP" },
          { port: 80, name: "web" },
        ],
      },
      {
        "f:ports": {
          'k:{"port":80,"proto":"TCP"}': { ".": {}, "f:name": {}, "f:port": {} },
          'k:{"port":80,"proto":"UDP"}': { ".": {}, "f:port": {}, "f:proto": {} },
        },
      },
    ],
    ["members of maps", { gran: { b: "1", a: "2" } }, { "f:gran": { "f:a": {}, "f:b": {} } }],
    [
      "undeclared maps by member and undeclared lists as one",
      { free: { a: { b: [1, 2] }, c: "x" } },
      { "f:free": { "f:a": { ".": {}, "f:b": {} }, "f:c": {} } },
    ],
    ["empty maps and nulls", { nested: {}, size: null }, { "f:nested": {}, "f:size": {} }],
    ["nothing of empty sets", { set: [], size: 1 }, { "f:size": {} }],
  ];
  for (const [title, spec, expected] of cases) {
    it(`owns ${title}`, () => assert.deepEqual(fields({ spec }), { "f:spec": expected }));
  }

  it("knows metadata whatever the schema says", () => {
    const metadata = {
      name: "n",
      finalizers: ["f/x"],
      ownerReferences: [{ apiVersion: "v1", kind: "K", name: "n", uid: "u" }],
    };
    assert.deepEqual(fields({ metadata }), {
      "f:metadata": { "f:finalizers": { 'v:"f/x"': {} }, "f:name": {}, "f:ownerReferences": { 'k:{"uid":"u"}': {} } },
    });
  });

  it("writes members and keys in order of their code points", () => {
    assert.equal(
      JSON.stringify(fields({ spec: { gran: { "\u{1f600}": "1", "\uffff": "1", b: "1", B: "1" } } })),
      '{"f:spec":{"f:gran":{"f:B":{},"f:b":{},"f:\uffff":{},"f:\u{1f600}":{}}}}',
    );
  });

  it("bounds nesting: what is below a thousand levels is owned as one", () => {
    let deep: JsonObject = { leaf: 1 };
    for (let i = 0; i < 50_000; i++) deep = { a: deep };
    const set = FieldSet.ofValue({ spec: { free: deep } }, schema);
    const read = FieldSet.fromFieldsV1(JSON.parse(JSON.stringify(set.toFieldsV1())));
    assert.ok(read?.equals(set));
  });

  it("takes schemas that contain themselves", () => {
    const cyclic: JsonSchema = { type: "object", properties: { leaf: text } };
    (cyclic.properties as Record<string, JsonSchema>)["again"] = cyclic;
    const set = FieldSet.ofValue({ again: { again: { leaf: "x" } } }, cyclic);
    assert.deepEqual(set.toFieldsV1(), { "f:again": { "f:again": { "f:leaf": {} } } });
  });
});

describe("FieldSet.fromFieldsV1()", () => {
  it("brings other spellings into one", () => {
    const read = FieldSet.fromFieldsV1({ "f:l": { 'k:{"b": 1, "a": "x"}': {}, "i:01": {}, "v: 1 ": {} } });
    assert.deepEqual(read?.toFieldsV1(), { "f:l": { 'k:{"a":"x","b":1}': {}, "v:1": {}, "i:1": {} } });
  });

  it("leaves out kinds of elements it does not know", () => {
    assert.deepEqual(FieldSet.fromFieldsV1({ "f:a": {}, "z:b": { "f:c": {} } })?.toFieldsV1(), { "f:a": {} });
  });

  it("refuses what is malformed", () => {
    for (const fields of [
      { spec: {} },
      { f: {} },
      { "f:a": 1 },
      { "v:{": {} },
      { "k:1": {} },
      { "i:x": {} },
      null,
      [],
      "x",
    ]) {
      assert.equal(FieldSet.fromFieldsV1(fields), undefined, JSON.stringify(fields));
    }
  });

  it("refuses nesting that no set of this server has, inside of elements too", () => {
    let deep: JsonObject = {};
    for (let i = 0; i < 5000; i++) deep = { "f:a": deep };
    assert.equal(FieldSet.fromFieldsV1(deep), undefined);
    assert.equal(FieldSet.fromFieldsV1({ [`v:${"[".repeat(5000)}${"]".repeat(5000)}`]: {} }), undefined);
  });

  it("never reaches a prototype", () => {
    const read = FieldSet.fromFieldsV1(JSON.parse('{"f:__proto__":{"f:polluted":{}}}'));
    assert.deepEqual(read?.paths(), [["f:__proto__", "f:polluted"]]);
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  });
});

describe("FieldSet", () => {
  const element = fc.constantFrom("f:a", "f:b", 'k:{"n":"x"}', 'k:{"n":"y"}', "v:1", "i:0");
  const path = fc.array(element, { minLength: 1, maxLength: 3 });
  const set = fc.array(path, { maxLength: 8 }).map((paths) => FieldSet.of(...paths));
  const texts = (s: FieldSet) => new Set(s.paths().map((p) => p.join("/")));
  const same = (s: FieldSet, wanted: Iterable<string>) => assert.deepEqual([...texts(s)].sort(), [...wanted].sort());

  it("has the union, intersection and difference of its paths", () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const [x, y] = [texts(a), texts(b)];
        same(a.union(b), x.union(y));
        same(a.intersection(b), x.intersection(y));
        same(a.difference(b), x.difference(y));
        const below = [...x].filter((p) => ![...y].some((q) => p === q || p.startsWith(`${q}/`)));
        same(a.recursiveDifference(b), below);
      }),
    );
  });

  it("comes back from fieldsV1 as it was", () => {
    fc.assert(
      fc.property(set, (a) => {
        const copy = JSON.parse(JSON.stringify(a.toFieldsV1())) as JsonObject;
        assert.ok(FieldSet.fromFieldsV1(copy)?.equals(a));
      }),
    );
  });

  it("has its leaves where no other path goes on", () => {
    fc.assert(
      fc.property(set, (a) => {
        const all = [...texts(a)];
        same(
          a.leaves(),
          all.filter((p) => !all.some((q) => q.startsWith(`${p}/`))),
        );
      }),
    );
  });

  it("gives itself where an operation changes nothing", () => {
    const a = FieldSet.of(["f:a", "f:b"], ["f:c"]);
    assert.equal(a.union(FieldSet.of(["f:c"])), a);
    assert.equal(a.difference(FieldSet.of(["f:x"])), a);
    assert.equal(a.difference(a).isEmpty, true);
  });

  it("knows its paths", () => {
    const a = FieldSet.ofFields(["spec", "replicas"]);
    assert.equal(a.has(["f:spec", "f:replicas"]), true);
    assert.equal(a.has(["f:spec"]), false);
    assert.equal(a.has([]), false);
  });
});
