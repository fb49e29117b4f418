import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Status, StatusError } from "../meta/status-error.ts";
import type { Json, JsonObject, KubeObject, ManagedFieldsEntry } from "../meta/types.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { FieldSet } from "./field-set.ts";
import { updateManagedFields } from "./managed-fields.ts";
import { type ApplyInput, applyConfiguration } from "./server-side-apply.ts";

const text: JsonSchema = { type: "string" };
const integer: JsonSchema = { type: "integer" };
/** The kind of the recording apply-a of apiextensions-apiserver 1.37. */
const garden: JsonSchema = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        size: integer,
        name: text,
        atom: { type: "array", items: text, "x-kubernetes-list-type": "atomic" },
        plain: { type: "array", items: text },
        set: { type: "array", items: text, "x-kubernetes-list-type": "set" },
        beds: {
          type: "array",
          items: {
            type: "object",
            properties: { id: text, depth: integer, crop: { type: "string", default: "beet" } },
            required: ["id"],
          },
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["id"],
        },
        ports: {
          type: "array",
          items: {
            type: "object",
            properties: { port: integer, proto: { type: "string", default: "TCP" }, name: text },
            required: ["port", "proto"],
          },
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["port", "proto"],
        },
        gran: { type: "object", additionalProperties: text },
        solid: { type: "object", additionalProperties: text, "x-kubernetes-map-type": "atomic" },
        block: { type: "object", properties: { a: integer, b: integer }, "x-kubernetes-map-type": "atomic" },
        nested: { type: "object", properties: { x: { type: "object", properties: { y: integer } } } },
        free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        dflt: { type: "integer", default: 5 },
      },
    },
    status: { type: "object", properties: { phase: text, seen: integer } },
  },
};
const apiVersion = "apply.example.io/v1";
const now = "2024-01-01T00:00:00Z";
const later = "2024-01-01T00:01:00Z";

function config(spec: JsonObject | undefined, metadata: Partial<KubeObject["metadata"]> = {}): KubeObject {
  return { apiVersion, kind: "Garden", metadata: { name: "g", ...metadata }, ...(spec === undefined ? {} : { spec }) };
}

type Options = Partial<Omit<ApplyInput, "live" | "config" | "manager">>;

function apply(live: KubeObject | undefined, manager: string, body: KubeObject, options: Options = {}): KubeObject {
  const input = {
    live,
    config: body,
    manager,
    force: false,
    apiVersion,
    schema: garden,
    kind: "Garden",
    now,
    ...options,
  };
  const before = JSON.stringify([live, body]);
  const { object } = applyConfiguration(input);
  assert.equal(JSON.stringify([live, body]), before, "input changed");
  return { ...object, metadata: { ...object.metadata, uid: "u" } };
}

/** An update by merge of spec members. */
function edit(live: KubeObject, manager: string, spec: JsonObject): KubeObject {
  const next: KubeObject = { ...live, spec: { ...(live["spec"] as JsonObject), ...spec } };
  const managedFields = updateManagedFields({ live, next, manager, apiVersion, schema: garden, now });
  return { ...next, metadata: { ...next.metadata, managedFields } };
}

function refusal(live: KubeObject | undefined, manager: string, body: KubeObject, options: Options = {}): Status {
  try {
    apply(live, manager, body, options);
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return error.status;
  }
  throw new assert.AssertionError({ message: "applied" });
}

const owners = (object: KubeObject) =>
  Object.fromEntries((object.metadata.managedFields ?? []).map((e) => [`${e.manager} ${e.operation}`, e.fieldsV1]));

const whole = { size: 1, name: "a", beds: [{ id: "one", depth: 1 }], set: ["x"], gran: { k: "v" }, atom: ["p"] };
const created = apply(undefined, "anna", config(whole, { labels: { team: "a" } }));

describe("applyConfiguration()", () => {
  it("creates, and owns the leaves that were applied", () => {
    assert.deepEqual(created["spec"], whole);
    assert.deepEqual(created.metadata.managedFields, [
      {
        manager: "anna",
        operation: "Apply",
        apiVersion,
        time: now,
        fieldsType: "FieldsV1",
        fieldsV1: {
          "f:metadata": { "f:labels": { "f:team": {} } },
          "f:spec": {
            "f:atom": {},
            "f:beds": { 'k:{"id":"one"}': { ".": {}, "f:depth": {}, "f:id": {} } },
            "f:gran": { "f:k": {} },
            "f:name": {},
            "f:set": { 'v:"x"': {} },
            "f:size": {},
          },
        },
      },
    ]);
  });

  it("changes nothing, not even a time, when the same is applied again", () => {
    const again = apply(created, "anna", config(whole, { labels: { team: "a" } }), { now: later });
    assert.deepEqual(again, created);
    assert.equal(again.metadata.managedFields?.[0], created.metadata.managedFields?.[0]);
  });

  it("merges what others apply and shares equal values", () => {
    const two = apply(
      created,
      "bert",
      config({ dflt: 6, set: ["y"], gran: { l: "w" }, beds: [{ id: "two", depth: 2 }] }),
    );
    assert.deepEqual(two["spec"], {
      ...whole,
      dflt: 6,
      set: ["x", "y"],
      gran: { k: "v", l: "w" },
      beds: [
        { id: "one", depth: 1 },
        { id: "two", depth: 2 },
      ],
    });
    const shared = apply(two, "bert", config({ dflt: 6, set: ["y", "x"], size: 1 }));
    assert.deepEqual((shared["spec"] as JsonObject)["set"], ["y", "x"]);
    assert.deepEqual((shared["spec"] as JsonObject)["beds"], whole.beds);
    assert.deepEqual(owners(shared)["bert Apply"], {
      "f:spec": { "f:dflt": {}, "f:set": { 'v:"x"': {}, 'v:"y"': {} }, "f:size": {} },
    });
  });

  it("answers one conflict with its field", () => {
    assert.deepEqual(refusal(created, "bert", config({ size: 2 })), {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: 'Apply failed with 1 conflict: conflict with "anna": .spec.size',
      reason: "Conflict",
      details: { causes: [{ reason: "FieldManagerConflict", message: 'conflict with "anna"', field: ".spec.size" }] },
      code: 409,
    });
  });

  it("groups several conflicts by manager", () => {
    const body = config(
      { size: 2, name: "b", atom: ["q"], gran: { k: "z" }, beds: [{ id: "one", depth: 9 }] },
      { labels: { team: "b" } },
    );
    assert.equal(
      refusal(created, "bert", body).message,
      'Apply failed with 6 conflicts: conflicts with "anna":\n- .metadata.labels.team\n- .spec.atom\n- .spec.name\n- .spec.size\n- .spec.beds[id="one"].depth\n- .spec.gran.k',
    );
    const two = apply(created, "bert", config({ dflt: 6, size: 1 }));
    assert.equal(
      refusal(two, "carl", config({ size: 3, dflt: 7 })).message,
      'Apply failed with 3 conflicts: conflicts with "anna":\n- .spec.size\nconflicts with "bert":\n- .spec.dflt\n- .spec.size',
    );
  });

  it("takes fields by force", () => {
    const forced = apply(created, "carl", config({ size: 3 }), { force: true });
    assert.equal((forced["spec"] as JsonObject)["size"], 3);
    assert.deepEqual(owners(forced)["carl Apply"], { "f:spec": { "f:size": {} } });
    assert.equal(JSON.stringify(owners(forced)["anna Apply"]).includes("size"), false);
  });

  it("removes what is given up and nobody else owns", () => {
    const two = apply(created, "bert", config({ set: ["y"] }));
    const less = apply(two, "anna", config({ name: "a" }));
    assert.deepEqual(less["spec"], { name: "a", set: ["y"] });
    assert.equal(less.metadata.labels, undefined);
    const empty = apply(less, "bert", config({}));
    assert.deepEqual(empty["spec"], { name: "a" });
    assert.deepEqual(owners(empty)["bert Apply"], { "f:spec": {} });
    assert.deepEqual(owners(apply(empty, "bert", config(undefined))), { "anna Apply": { "f:spec": { "f:name": {} } } });
  });

  it("keeps name, namespace and uid when the last label is given up", () => {
    const live = apply(undefined, "anna", config({ size: 1 }, { namespace: "ns", labels: { a: "1" } }));
    const less = apply(live, "anna", config({ size: 1 }, { namespace: "ns" }));
    assert.deepEqual(
      { ...less.metadata, managedFields: undefined },
      { name: "g", namespace: "ns", uid: "u", managedFields: undefined },
    );
  });

  it("leaves null where a forced leaf is given up below a parent that another owns", () => {
    const live = edit(apply(undefined, "x", config({ size: 1 })), "gardener", { nested: { x: { y: 1 } } });
    const taken = apply(live, "anna", config({ nested: { x: { y: 2 } } }), { force: true });
    assert.deepEqual(apply(taken, "anna", config({ dflt: 1 }))["spec"], { size: 1, nested: { x: null }, dflt: 1 });
  });

  it("conflicts with updaters, naming their version", () => {
    const edited = edit(created, "editor", { size: 10, nested: { x: { y: 1 } } });
    assert.equal(
      refusal(edited, "bert", config({ size: 11 })).message,
      'Apply failed with 1 conflict: conflict with "editor" using apply.example.io/v1: .spec.size',
    );
    const shared = apply(edited, "bert", config({ size: 10 }), { now: later });
    assert.deepEqual(shared["spec"], edited["spec"]);
    const entry = shared.metadata.managedFields?.find((e) => e.manager === "bert");
    assert.equal(entry?.time, undefined, "an apply that changes nothing has no time");
    assert.equal(shared.metadata.managedFields?.[0], entry, "and comes first");
  });

  it("matches keyed items with the defaults of their keys and orders as applied", () => {
    const live = apply(
      undefined,
      "anna",
      config({
        ports: [
          { port: 80, name: "web" },
          { port: 80, proto: "UDP", name: "quic" },
        ],
      }),
    );
    const two = apply(live, "bert", config({ ports: [{ port: 80, proto: "TCP" }, { port: 443 }] }));
    assert.deepEqual((two["spec"] as JsonObject)["ports"], [
      { port: 80, name: "web", proto: "TCP" },
      { port: 80, proto: "UDP", name: "quic" },
      { port: 443 },
    ]);
    const turned = apply(
      two,
      "anna",
      config({
        ports: [
          { port: 80, proto: "UDP", name: "quic" },
          { port: 80, name: "web" },
        ],
      }),
    );
    assert.deepEqual(
      ((turned["spec"] as JsonObject)["ports"] as JsonObject[]).map((p) => [p["port"], p["name"]]),
      [
        [80, "quic"],
        [443, undefined],
        [80, "web"],
      ],
    );
    assert.equal(
      refusal(turned, "bert", config({ ports: [{ port: 80, name: "other" }] })).details?.causes?.[0]?.field,
      '.spec.ports[port=80,proto="TCP"].name',
    );
  });

  it("treats atomic maps as one", () => {
    const live = apply(undefined, "anna", config({ solid: { a: "1" }, block: { a: 1 } }));
    assert.equal(
      refusal(live, "bert", config({ solid: { b: "2" }, block: { b: 2 } })).message,
      'Apply failed with 2 conflicts: conflicts with "anna":\n- .spec.block\n- .spec.solid',
    );
    const forced = apply(live, "bert", config({ solid: { b: "2" }, block: { b: 2 } }), { force: true });
    assert.deepEqual(forced["spec"], { solid: { b: "2" }, block: { b: 2 } });
    assert.deepEqual(Object.keys(owners(forced)), ["bert Apply"]);
  });

  it("conflicts with writers through a subresource by its name", () => {
    const status = (phase: string): KubeObject => ({ ...config(undefined), status: { phase } });
    const options = { subresource: "status", resetFields: FieldSet.ofFields(["spec"], ["metadata"]) };
    const live = apply(created, "ctl", status("P"), options);
    assert.equal(
      refusal(live, "ctl2", status("Q"), options).message,
      'Apply failed with 1 conflict: conflict with "ctl" with subresource "status": .status.phase',
    );
  });

  it("gives what was there before to before-first-apply", () => {
    const { managedFields: _, ...metadata } = created.metadata;
    const live = { ...created, metadata };
    assert.deepEqual(owners(apply(live, "anna", config({ size: 44 }), { force: true })), {
      "anna Apply": { "f:spec": { "f:size": {} } },
      "before-first-apply Update": {
        "f:metadata": { "f:labels": { ".": {}, "f:team": {} } },
        "f:spec": {
          ".": {},
          "f:atom": {},
          "f:beds": { ".": {}, 'k:{"id":"one"}': { ".": {}, "f:depth": {}, "f:id": {} } },
          "f:gran": { ".": {}, "f:k": {} },
          "f:name": {},
          "f:set": { ".": {}, 'v:"x"': {} },
        },
      },
    });
  });

  const prefix = "failed to create typed patch object (/g; apply.example.io/v1, Kind=Garden): ";
  const wrong: [title: string, spec: Json, text: string][] = [
    ["an unknown field", { zz: 1 }, ".spec.zz: field not declared in schema"],
    ["a string for a number", { size: "x" }, ".spec.size: expected numeric (int or float), got string"],
    ["a list for an object", { nested: [] }, ".spec.nested: expected map, got &{[]}"],
    ["a number for a string", { name: 1 }, ".spec.name: expected string, got &value.valueUnstructured{Value:1}"],
    ["a map for a list", { set: { a: 1 } }, ".spec.set: expected list, got &{map[a:1]}"],
    ["a repeated set item", { set: ["a", "a"] }, '.spec.set: duplicate entries for key [="a"]'],
    [
      "a repeated key",
      { ports: [{ port: 1 }, { port: 1 }] },
      '.spec.ports: duplicate entries for key [port=1,proto="TCP"]',
    ],
    [
      "an item without its key",
      { beds: [{ depth: 1 }] },
      '.spec.beds: element 0: associative list with keys has an element that omits all key fields ["id"] (and doesn\'t have default values for any key fields)',
    ],
    [
      "a wrong value in a keyed item",
      { beds: [{ id: "a", depth: "x" }] },
      '.spec.beds[id="a"].depth: expected numeric (int or float), got string',
    ],
    ["a null item", { beds: [null] }, ".spec.beds: element 0: associative list with keys may not have a null element"],
    [
      "several",
      { size: "x", name: true },
      "errors:\n  .spec.size: expected numeric (int or float), got string\n  .spec.name: expected string, got &value.valueUnstructured{Value:true}",
    ],
  ];
  for (const [title, spec, message] of wrong) {
    it(`refuses ${title} with 500`, () => {
      const status = refusal(created, "bert", config(spec as JsonObject));
      assert.deepEqual([status.code, status.reason, status.message], [500, undefined, prefix + message]);
    });
  }

  it("refuses a stored object that does not fit any more", () => {
    const live = { ...created, spec: { size: "x" } };
    assert.equal(
      refusal(live, "bert", config({ name: "b" })).message,
      "failed to create typed live object (/g; apply.example.io/v1, Kind=Garden): .spec.size: expected numeric (int or float), got string",
    );
  });

  it("refuses other kinds and versions and managedFields with 400", () => {
    const messages = (["Yard", "v2", "none"] as const).map((what) => {
      const body = config({ size: 1 });
      if (what === "Yard") body.kind = "Yard";
      if (what === "v2") body.apiVersion = "apply.example.io/v2";
      if (what === "none") Object.assign(body, { apiVersion: undefined, kind: undefined });
      return refusal(created, "bert", body).message;
    });
    assert.deepEqual(messages, [
      "invalid object type: apply.example.io/v1, Kind=Yard",
      "invalid object type: apply.example.io/v2, Kind=Garden",
      "invalid object type: /, Kind=",
    ]);
    assert.equal(
      refusal(created, "bert", { ...config({}), apiVersion: "v1", kind: "Secret" }).message,
      "invalid object type: /v1, Kind=Secret",
    );
    const sent = refusal(created, "bert", config({ size: 1 }, { managedFields: [] }));
    assert.deepEqual([sent.code, sent.message], [400, "metadata.managedFields must be nil"]);
    assert.ok(apply(created, "bert", config({ size: 1 }, { managedFields: null as unknown as ManagedFieldsEntry[] })));
  });

  it("takes nesting beyond any call stack and never reaches a prototype", () => {
    let deep: JsonObject = { leaf: 1 };
    for (let i = 0; i < 20_000; i++) deep = { a: deep };
    const live = apply(created, "bert", config({ free: deep }));
    assert.ok(apply(live, "bert", config({ free: { a: { a: { b: 1 } } } })));
    const proto = apply(created, "bert", config({ free: JSON.parse('{"__proto__":{"polluted":1}}') }));
    assert.equal(JSON.stringify((proto["spec"] as JsonObject)["free"]), '{"__proto__":{"polluted":1}}');
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  });
});

describe("applyConfiguration() as kubectl", () => {
  const annotation = "kubectl.kubernetes.io/last-applied-configuration";
  const lastApplied = JSON.stringify({
    apiVersion,
    kind: "Garden",
    metadata: { name: "g" },
    spec: { size: 4, name: "pear" },
  });
  const clientSide = edit(
    {
      ...config({}),
      metadata: {
        name: "g",
        uid: "u",
        annotations: { [annotation]: lastApplied },
        managedFields: [
          { manager: "x", operation: "Apply", apiVersion, fieldsType: "FieldsV1", fieldsV1: { "f:spec": {} } },
        ],
      },
    },
    "kubectl-client-side-apply",
    { size: 4, name: "pear" },
  );

  it("takes over what client-side apply left as it applied it, and renews the annotation", () => {
    const object = apply(clientSide, "kubectl", config({ size: 6, name: "pear" }));
    assert.equal((object["spec"] as JsonObject)["size"], 6);
    assert.equal(
      object.metadata.annotations?.[annotation],
      '{"apiVersion":"apply.example.io/v1","kind":"Garden","metadata":{"name":"g"},"spec":{"name":"pear","size":6}}\n',
    );
  });

  it("conflicts where somebody changed the value since", () => {
    const scaled = edit(clientSide, "scaler", { size: 5 });
    assert.equal(
      refusal(scaled, "kubectl", config({ size: 6, name: "plum" })).message,
      'Apply failed with 1 conflict: conflict with "scaler" using apply.example.io/v1: .spec.size',
    );
  });

  it("conflicts as any other manager when its name is another or the annotation cannot be used", () => {
    assert.equal(refusal(clientSide, "flux", config({ size: 6 })).code, 409);
    for (const bad of ["{", "[]", "{}", "x".repeat(1000), lastApplied.replace("/v1", "/v2")]) {
      const live = { ...clientSide, metadata: { ...clientSide.metadata, annotations: { [annotation]: bad } } };
      assert.equal(refusal(live, "kubectl", config({ size: 6 })).code, 409);
    }
  });

  it("drops the annotation when it would grow too large", () => {
    const object = apply(clientSide, "kubectl", config({ name: "x".repeat(300_000) }), { force: true });
    assert.equal(object.metadata.annotations?.[annotation], undefined);
  });
});
