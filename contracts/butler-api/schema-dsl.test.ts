import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BUTLER_CRDS } from "./crds.ts";
import {
  choice,
  freeForm,
  integer,
  list,
  mapOf,
  object,
  quantity,
  required,
  type SchemaProps,
  string,
  strings,
  type ValueOf,
} from "./schema-dsl.ts";
import type { Team } from "./team.ts";
import type { TenantCluster } from "./tenant-cluster.ts";

describe("the schema combinators", () => {
  test("object() sorts properties, collects required ones, and keeps rules", () => {
    const field = object(
      "An example.",
      { b: required(string("B.", { minLength: 1 })), a: integer("A.", { default: 3, minimum: 0 }) },
      { rules: [{ rule: "self.a > 0", message: "a must be positive" }] },
    );
    assert.deepEqual(field.schema, {
      description: "An example.",
      type: "object",
      properties: {
        a: { description: "A.", type: "integer", default: 3, minimum: 0, format: "int32" },
        b: { description: "B.", type: "string", minLength: 1 },
      },
      required: ["b"],
      "x-kubernetes-validations": [{ rule: "self.a > 0", message: "a must be positive" }],
    });
  });

  test("list() with map keys is a map list, without them atomic", () => {
    const item = object("An item.", { name: required(string("Name.")) });
    assert.equal(list("L.", item).schema["x-kubernetes-list-type"], undefined);
    assert.equal(list("L.", item, { mapKeys: ["name"] }).schema["x-kubernetes-list-type"], "map");
    assert.deepEqual(list("L.", item, { mapKeys: ["name"] }).schema["x-kubernetes-list-map-keys"], ["name"]);
  });

  test("quantity() takes numbers and strings, freeForm() keeps what it does not know", () => {
    assert.equal(quantity("Q.", { default: "1Gi" }).schema["x-kubernetes-int-or-string"], true);
    assert.equal(quantity("Q.", { default: "1Gi" }).schema.default, "1Gi");
    assert.equal(freeForm("F.").schema["x-kubernetes-preserve-unknown-fields"], true);
  });

  test("integer() of no width leaves the format out", () => {
    assert.equal(integer("I.", { width: "none" }).schema.format, undefined);
    assert.equal(integer("I.", { width: "int64" }).schema.format, "int64");
  });
});

test("the inferred types follow required, optional, choice and map", () => {
  const field = object("E.", {
    must: required(string("M.")),
    may: choice("C.", ["x", "y"]),
    tags: strings("T."),
    labels: mapOf("L.", string("V.")),
  });
  type Example = ValueOf<typeof field>;
  const good: Example = { must: "m", may: "x", tags: ["t"], labels: { a: "b" } };
  const least: Example = { must: "m" };
  // @ts-expect-error -- must is required
  const missing: Example = { may: "x" };
  // @ts-expect-error -- z is not of the set
  const wrong: Example = { must: "m", may: "z" };
  // @ts-expect-error -- an unknown field
  const unknown: Example = { must: "m", more: 1 };
  assert.deepEqual([good.may, least.may, missing.may, wrong.may, unknown.may], ["x", undefined, "x", "z", undefined]);
});

test("the types of Team and TenantCluster are in step with their schemas", () => {
  const team: Team = {
    apiVersion: "butler.butlerlabs.dev/v1alpha1",
    kind: "Team",
    metadata: { name: "a" },
    spec: {
      resourceLimits: { maxClusters: 1, maxCPUCores: "8" },
      environments: [{ name: "dev", limits: { maxClusters: 0 } }],
    },
    status: { phase: "Ready" },
  };
  const cluster: TenantCluster = {
    apiVersion: "butler.butlerlabs.dev/v1alpha1",
    kind: "TenantCluster",
    metadata: { name: "c", namespace: "a" },
    spec: { kubernetesVersion: "v1.32.2", workers: { replicas: 1 }, teamRef: { name: "a" } },
  };
  // @ts-expect-error -- workers are required
  const headless: TenantCluster["spec"] = { kubernetesVersion: "v1.32.2" };
  // @ts-expect-error -- not a phase
  const phase: NonNullable<Team["status"]>["phase"] = "Happy";
  assert.deepEqual(
    [team.kind, cluster.kind, headless?.kubernetesVersion, phase],
    ["Team", "TenantCluster", "v1.32.2", "Happy"],
  );
});

function undescribed(schema: SchemaProps, path: string, out: string[]): void {
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const at = `${path}.${name}`;
    if ((child.description ?? "") === "" && at !== ".metadata") out.push(at);
    undescribed(child, at, out);
  }
  if (schema.items !== undefined) undescribed(schema.items, `${path}[]`, out);
  if (schema.additionalProperties !== undefined) undescribed(schema.additionalProperties, `${path}{}`, out);
}

test("every field of every kind has a description that ends as a sentence", () => {
  for (const crd of BUTLER_CRDS) {
    const schema = crd.spec.versions[0]?.schema.openAPIV3Schema as SchemaProps;
    const missing: string[] = [];
    undescribed(schema, "", missing);
    assert.deepEqual(missing, [], crd.metadata.name);
    assert.match(schema.description ?? "", /\.$/);
  }
});
