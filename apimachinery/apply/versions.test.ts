import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Status, StatusError } from "../meta/status-error.ts";
import type { JsonObject, KubeObject, ManagedFieldsEntry } from "../meta/types.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { type ApplyInput, applyConfiguration } from "./server-side-apply.ts";

const text: JsonSchema = { type: "string" };
const apiVersion = "apply.example.io/v1";

function config(spec: JsonObject, metadata: Partial<KubeObject["metadata"]> = {}): KubeObject {
  return { apiVersion, kind: "Garden", metadata: { name: "g", ...metadata }, spec };
}

type Options = Pick<ApplyInput, "schema"> & Partial<ApplyInput>;

function apply(live: KubeObject, manager: string, body: KubeObject, options: Options): KubeObject {
  const now = "2024-01-01T00:00:00Z";
  return applyConfiguration({ live, config: body, manager, force: false, apiVersion, now, ...options }).object;
}

function refusal(live: KubeObject, manager: string, body: KubeObject, options: Options): Status {
  try {
    apply(live, manager, body, options);
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return error.status;
  }
  throw new assert.AssertionError({ message: "applied" });
}

describe("applyConfiguration() across versions", () => {
  const version = (...names: string[]): JsonSchema => ({
    type: "object",
    properties: { spec: { type: "object", properties: Object.fromEntries(names.map((n) => [n, text])) } },
  });
  const pick =
    (name: string, ...names: string[]) =>
    (object: KubeObject) => {
      const spec = (object["spec"] ?? {}) as JsonObject;
      return {
        ...object,
        apiVersion: name,
        spec: Object.fromEntries(names.filter((n) => n in spec).map((n) => [n, spec[n]])),
      };
    };
  const v2 = "apply.example.io/v2";
  const entry = (apiVersion: string, fields: string[]): ManagedFieldsEntry => ({
    manager: "other",
    operation: "Apply",
    apiVersion,
    fieldsType: "FieldsV1",
    fieldsV1: { "f:spec": Object.fromEntries(fields.map((f) => [`f:${f}`, {}])) },
  });
  const live = (owner: ManagedFieldsEntry): KubeObject =>
    config({ both: "1", fresh: "f" }, { uid: "u", managedFields: [owner] });
  const base = { schema: version("both", "fresh") };

  it("finds conflicts in the version in which a field is owned", () => {
    const versions = (name: string) =>
      name === v2 ? { schema: version("both"), convert: pick(v2, "both") } : undefined;
    assert.equal(
      refusal(live(entry(v2, ["both"])), "bert", config({ both: "2" }), { ...base, versions }).message,
      'Apply failed with 1 conflict: conflict with "other": .spec.both',
    );
  });

  it("answers 500 when the new object does not fit an owner's version", () => {
    const old = config({ both: "1" }, { uid: "u", managedFields: [entry(v2, ["both"])] });
    const versions = () => ({ schema: version("both"), convert: pick(v2, "both", "fresh") });
    const status = refusal(old, "cat", config({ fresh: "h" }), { ...base, versions });
    assert.deepEqual(
      [status.code, status.reason, status.message],
      [500, undefined, "failed to convert new object: .spec.fresh: field not declared in schema"],
    );
  });

  it("gives up fields that were applied in another version", () => {
    const owner = { ...entry(v2, ["both"]), manager: "anna" };
    const versions = (name: string) =>
      name === v2
        ? { schema: version("both", "fresh"), convert: pick(v2, "both", "fresh") }
        : { schema: base.schema, convert: pick(apiVersion, "both", "fresh") };
    const object = apply(live(owner), "anna", config({ fresh: "f" }), { ...base, versions });
    assert.deepEqual(object["spec"], { fresh: "f" });
    assert.equal(object.apiVersion, apiVersion);
    assert.deepEqual(
      object.metadata.managedFields?.map((e) => [e.apiVersion, e.fieldsV1]),
      [[apiVersion, { "f:spec": { "f:fresh": {} } }]],
    );
  });

  it("drops owners of versions that are gone", () => {
    const object = apply(live(entry("apply.example.io/v0", ["both"])), "anna", config({ both: "9" }), {
      ...base,
      versions: () => undefined,
    });
    assert.deepEqual(
      object.metadata.managedFields?.map((e) => e.manager),
      ["anna"],
    );
  });
});
