import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "../acting/object-types.ts";
import { pod, readySince, workload } from "../testkit/objects.ts";
import { decideStatefulSet, type StatefulPlan } from "./decide-stateful-set.ts";
import type { StatefulSet, StatefulSetStatus } from "./stateful-set-types.ts";

const READY = "2026-01-01T00:00:00Z";
const NOW = Date.parse("2026-01-01T00:01:00Z");

function set(spec: object, status: StatefulSetStatus = {}): StatefulSet {
  const made = workload("StatefulSet", "db", {
    replicas: 3,
    podManagementPolicy: "OrderedReady",
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
    ...spec,
  });
  return { ...made, status } as StatefulSet;
}

function member(
  ordinal: number,
  more: { ready?: boolean; phase?: string; deleted?: boolean; revision?: string } = {},
): Pod {
  const { ready = true, phase = "Running", deleted = false, revision = "new" } = more;
  return pod(`db-${ordinal}`, {
    metadata: {
      labels: { app: "db", "controller-revision-hash": revision },
      ...(deleted ? { deletionTimestamp: READY } : {}),
    },
    status: { phase, ...(ready ? readySince(READY) : {}) },
  }) as Pod;
}

function decide(set: StatefulSet, pods: readonly Pod[], currentRevision = "new"): StatefulPlan {
  return decideStatefulSet({ set, pods, currentRevision, updateRevision: "new" }, NOW);
}

/** `+1` makes, `-1` deletes. */
const steps = (plan: StatefulPlan) => [
  ...plan.create.map(({ ordinal, revision }) => `+${ordinal}${revision === "new" ? "" : ` ${revision}`}`),
  ...plan.remove.map(({ pod, why }) => `-${pod.metadata.name?.slice(3)} ${why}`),
];

test("decideStatefulSet() in order makes one pod at a time, each when those before are ready", () => {
  assert.deepEqual(steps(decide(set({}), [])), ["+0"]);
  assert.deepEqual(steps(decide(set({}), [member(0, { ready: false })])), []);
  assert.deepEqual(steps(decide(set({}), [member(0)])), ["+1"]);
  assert.deepEqual(steps(decide(set({}), [member(0), member(2)])), ["+1"]);
  assert.deepEqual(steps(decide(set({}), [member(0), member(1), member(2)])), []);
  assert.deepEqual(steps(decide(set({}), [member(0), member(1, { deleted: true }), member(2)])), []);
  assert.deepEqual(steps(decide(set({ ordinals: { start: 5 }, replicas: 2 }), [member(5)])), ["+6"]);
});

test("decideStatefulSet() in order waits for minReadySeconds", () => {
  const patient = decide(set({ minReadySeconds: 90 }), [member(0)]);
  assert.deepEqual(steps(patient), []);
  assert.equal(patient.againMs, 30_000);
});

test("decideStatefulSet() in order deletes the highest first, and none while another is not healthy", () => {
  const small = set({ replicas: 1 });
  assert.deepEqual(steps(decide(small, [member(0), member(1), member(2)])), ["-2 scale"]);
  assert.deepEqual(steps(decide(small, [member(0), member(1), member(2, { deleted: true })])), []);
  assert.deepEqual(steps(decide(small, [member(0), member(1, { ready: false }), member(2)])), ["-2 scale"]);
  assert.deepEqual(steps(decide(small, [member(0), member(1, { ready: false })])), ["-1 scale"]);
  const both = [member(0), member(1, { ready: false }), member(2, { ready: false })];
  assert.deepEqual(steps(decide(small, both)), []);
});

test("decideStatefulSet() replaces pods that ended", () => {
  assert.deepEqual(steps(decide(set({}), [member(0, { phase: "Failed", ready: false })])), ["-0 Failed"]);
  assert.deepEqual(steps(decide(set({}), [member(0), member(1, { phase: "Succeeded", ready: false })])), [
    "-1 Succeeded",
  ]);
});

test("decideStatefulSet() in parallel does everything at once", () => {
  const parallel = { podManagementPolicy: "Parallel" };
  assert.deepEqual(steps(decide(set(parallel), [])), ["+0", "+1", "+2"]);
  const shrinking = set({ ...parallel, replicas: 1 });
  assert.deepEqual(steps(decide(shrinking, [member(0, { ready: false }), member(1), member(2)])), [
    "-2 scale",
    "-1 scale",
  ]);
});

test("decideStatefulSet() updates from the top, one healthy pod after the other, down to the partition", () => {
  const old = { revision: "old" };
  const all = [member(0, old), member(1, old), member(2, old)];
  assert.deepEqual(steps(decide(set({}), all, "old")), ["-2 update"]);
  assert.deepEqual(steps(decide(set({}), [member(0, old), member(1, old), member(2, { deleted: true })], "old")), []);
  assert.deepEqual(steps(decide(set({}), [member(0, old), member(1, old), member(2, { ready: false })], "old")), []);
  assert.deepEqual(steps(decide(set({}), [member(0, old), member(1, old), member(2)], "old")), ["-1 update"]);
  const partitioned = set({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } });
  assert.deepEqual(steps(decide(partitioned, [member(0, old), member(1, old), member(2)], "old")), []);
  assert.deepEqual(steps(decide(partitioned, [member(0, old), member(2)], "old")), ["+1 old"]);
  const manual = set({ updateStrategy: { type: "OnDelete" } });
  assert.deepEqual(steps(decide(manual, all, "old")), []);
  assert.deepEqual(steps(decide(manual, [member(0, old), member(1, old)], "old")), ["+2"]);
});

test("decideStatefulSet() counts by revision, and makes the new one the current when all are of it", () => {
  const old = { revision: "old" };
  const half = decide(set({}), [member(0, old), member(1, old), member(2)], "old").status;
  assert.deepEqual(half, {
    observedGeneration: 0,
    replicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    currentReplicas: 2,
    updatedReplicas: 1,
    currentRevision: "old",
    updateRevision: "new",
  });
  const done = decide(set({}), [member(0), member(1), member(2)], "old").status;
  assert.deepEqual([done.currentRevision, done.currentReplicas, done.updatedReplicas], ["new", 3, 3]);
});
