import assert from "node:assert/strict";
import { test } from "node:test";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import type { ProviderState } from "../../providers/cluster-provider.ts";
import { nextStatus, type StatusFacts } from "./status.ts";

const STAMP = { generation: 3, now: "2026-01-01T00:00:00Z" };
const cluster = (status?: unknown, replicas = 2) =>
  ({ metadata: { namespace: "acme", name: "c" }, spec: { workers: { replicas } }, status }) as unknown as TenantCluster;
const yes = { ready: true, reason: "Ready", message: "" } as const;
const state = (extra: Partial<ProviderState> = {}): ProviderState => ({
  infrastructure: yes,
  controlPlane: yes,
  endpoint: "10.0.0.1:6443",
  workers: { present: ["w0", "w1"], ready: ["w0", "w1"] },
  ...extra,
});
const READY = {
  phase: "Ready",
  conditions: [
    {
      type: "Ready",
      status: "True",
      reason: "ReconcileSucceeded",
      message: "",
      lastTransitionTime: "2025-01-01T00:00:00Z",
    },
  ],
};

function told(facts: Partial<StatusFacts> & Pick<StatusFacts, "cluster">) {
  const status = nextStatus({ verdicts: [], ...facts }, STAMP);
  const ready = status.conditions?.find((c) => c.type === "Ready");
  return [status.phase, ready?.status, ready?.reason];
}

test("a cluster is Ready when all its workers are, not when one is", () => {
  assert.deepEqual(told({ cluster: cluster(), state: state() }), ["Ready", "True", "ReconcileSucceeded"]);
  const one = state({ workers: { present: ["w0", "w1"], ready: ["w0"] } });
  assert.deepEqual(told({ cluster: cluster(), state: one }), ["Provisioning", "False", "WorkersProvisioning"]);
});

test("a Ready cluster that grows is Updating and still Ready; without any worker it is not", () => {
  const grown = state({ workers: { present: ["w0", "w1"], ready: ["w0", "w1"] } });
  assert.deepEqual(told({ cluster: cluster(READY, 3), state: grown }), ["Updating", "True", "ReconcileDegraded"]);
  const none = state({ workers: { present: ["w0"], ready: [] } });
  assert.deepEqual(told({ cluster: cluster(READY), state: none }), ["Updating", "False", "WorkersProvisioning"]);
});

test("surplus workers are not what was asked for", () => {
  const status = nextStatus({ cluster: cluster(READY, 1), verdicts: [], state: state() }, STAMP);
  const workers = status.conditions?.find((c) => c.type === "WorkersReady");
  assert.equal(workers?.message, "2 worker nodes are there, 1 are asked for");
  assert.equal(workers?.status, "False");
});

test("addons that are not there yet keep a new cluster Installing, and degrade one that was Ready", () => {
  const verdicts = [
    { type: "AddonsReady", status: "False", reason: "CNIInstallFailed", message: "helm failed" },
  ] as const;
  assert.deepEqual(told({ cluster: cluster(), state: state(), verdicts }), ["Installing", "False", "CNIInstallFailed"]);
  assert.deepEqual(told({ cluster: cluster(READY), state: state(), verdicts }), ["Ready", "True", "ReconcileDegraded"]);
});

test("a limit lowered under a Ready cluster is told and takes nothing away", () => {
  const verdicts = [{ type: "QuotaSatisfied", status: "False", reason: "QuotaExceeded", message: "too many" }] as const;
  assert.deepEqual(told({ cluster: cluster(READY), state: state(), verdicts }), ["Ready", "True", "ReconcileDegraded"]);
});

test("an obstacle before anything is there names phase and reason; a control plane that failed is Failed", () => {
  const obstacle = { phase: "Pending", reason: "TeamNotFound", message: "no team" } as const;
  assert.deepEqual(told({ cluster: cluster(), obstacle }), ["Pending", "False", "TeamNotFound"]);
  const down = state({ controlPlane: { ready: false, reason: "ProviderError", message: "quota" } });
  assert.deepEqual(told({ cluster: cluster(), state: down }), ["Failed", "False", "ProviderError"]);
});

test("what the provider found is in the status, times change with the status of a condition only", () => {
  const status = nextStatus(
    {
      cluster: cluster(READY),
      verdicts: [],
      state: state(),
      tenantNamespace: "tenant-x",
      kubeconfigSecret: "c-admin-kubeconfig",
    },
    STAMP,
  );
  assert.equal(status.controlPlaneEndpoint, "10.0.0.1:6443");
  assert.deepEqual(status.observedState?.workers, { desired: 2, ready: 2, nodes: ["w0", "w1"] });
  assert.deepEqual(status.kubeconfigSecretRef, { name: "c-admin-kubeconfig" });
  const ready = status.conditions?.find((c) => c.type === "Ready");
  assert.equal(ready?.lastTransitionTime, "2025-01-01T00:00:00Z");
  assert.equal(ready?.observedGeneration, 3);
});
