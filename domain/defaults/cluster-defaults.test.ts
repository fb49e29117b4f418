import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import { cluster, team } from "../testdata/builders.ts";
import { clusterDefaultOperations, effectiveDefaults, requestFromLastApplied } from "./cluster-defaults.ts";

const acme = team("acme", {
  clusterDefaults: {
    kubernetesVersion: "v1.32.2",
    workerCount: 3,
    workerCPU: 8,
    workerMemoryGi: 32,
    workerDiskGi: 200,
  },
  environments: [{ name: "dev", clusterDefaults: { workerCount: 1, workerMemoryGi: 8 } }],
});

/** What a client may really send: nothing of what the defaults fill. */
function bare(environment?: string): TenantCluster {
  return {
    apiVersion: "butler.butlerlabs.dev/v1alpha1",
    kind: "TenantCluster",
    metadata: {
      name: "c",
      namespace: "acme",
      ...(environment === undefined ? {} : { labels: { "butler.butlerlabs.dev/environment": environment } }),
    },
  };
}

describe("clusterDefaultOperations()", () => {
  test("closed hole: fill every field the request leaves out, parents first", () => {
    assert.deepEqual(clusterDefaultOperations({ object: bare(), team: acme }), [
      { op: "add", path: "/spec", value: {} },
      { op: "add", path: "/spec/kubernetesVersion", value: "v1.32.2" },
      { op: "add", path: "/spec/workers", value: {} },
      { op: "add", path: "/spec/workers/replicas", value: 3 },
      { op: "add", path: "/spec/workers/machineTemplate", value: {} },
      { op: "add", path: "/spec/workers/machineTemplate/cpu", value: 8 },
      { op: "add", path: "/spec/workers/machineTemplate/memory", value: "32Gi" },
      { op: "add", path: "/spec/workers/machineTemplate/diskSize", value: "200Gi" },
    ]);
  });

  test("the environment's defaults win, field by field", () => {
    const values = clusterDefaultOperations({ object: bare("dev"), team: acme }).map(({ path, value }) => [
      path,
      value,
    ]);
    assert.deepEqual(new Map(values as [string, unknown][]).get("/spec/workers/replicas"), 1);
    assert.deepEqual(new Map(values as [string, unknown][]).get("/spec/workers/machineTemplate/memory"), "8Gi");
    assert.deepEqual(new Map(values as [string, unknown][]).get("/spec/workers/machineTemplate/cpu"), 8);
    assert.deepEqual(effectiveDefaults(acme, "nowhere").workerCount, 3);
  });

  test("leave alone what is written", () => {
    assert.deepEqual(clusterDefaultOperations({ object: cluster("c"), team: acme }), []);
  });

  test("replace what only the schema has stamped, where the request is known", () => {
    const object = cluster("c", { replicas: 2 });
    const request = {
      spec: { kubernetesVersion: "v1.32.2", workers: { replicas: 2, machineTemplate: { memory: "64Gi" } } },
    };
    assert.deepEqual(clusterDefaultOperations({ object, team: acme, request }), [
      { op: "replace", path: "/spec/workers/machineTemplate/cpu", value: 8 },
      { op: "replace", path: "/spec/workers/machineTemplate/diskSize", value: "200Gi" },
    ]);
  });

  test("a default of no workers, or no team, or no defaults fill nothing", () => {
    assert.deepEqual(
      clusterDefaultOperations({ object: bare(), team: team("acme", { clusterDefaults: { workerCount: 0 } }) }),
      [],
    );
    assert.deepEqual(clusterDefaultOperations({ object: bare() }), []);
    assert.deepEqual(clusterDefaultOperations({ object: bare(), team: team("acme") }), []);
  });
});

test("requestFromLastApplied() reads kubectl's annotation, and survives what is no JSON", () => {
  const with_ = (text: string) =>
    cluster("c", { annotations: { "kubectl.kubernetes.io/last-applied-configuration": text } });
  assert.deepEqual(requestFromLastApplied(with_('{"spec":{}}')), { spec: {} });
  assert.equal(requestFromLastApplied(with_("{")), undefined);
  assert.equal(requestFromLastApplied(with_("[".repeat(200_000))), undefined);
  assert.equal(requestFromLastApplied(cluster("c")), undefined);
});
