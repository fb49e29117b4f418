import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node, Pod } from "../acting/object-types.ts";
import { pod, readySince, template, workload } from "../testkit/objects.ts";
import type { DaemonSet } from "./daemon-set-types.ts";
import { type DaemonsPlan, decideDaemons } from "./decide-daemons.ts";

const READY = "2026-01-01T00:00:00Z";
const NOW = Date.parse("2026-01-01T00:01:00Z");

function set(spec: object = {}): DaemonSet {
  return workload("DaemonSet", "agent", {
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    ...spec,
  }) as DaemonSet;
}

function node(name: string, spec: Node["spec"] = {}, labels: Record<string, string> = {}): Node {
  return { kind: "Node", apiVersion: "v1", metadata: { name, labels }, spec };
}

interface PodOptions {
  readonly hash?: string;
  readonly ready?: boolean;
  readonly phase?: string;
  readonly deleted?: boolean;
  readonly created?: string;
}

function on(
  nodeName: string,
  { hash = "new", ready = true, phase = "Running", deleted, created = READY }: PodOptions = {},
): Pod {
  return pod(`${nodeName}-${hash}-${created.slice(17, 19)}`, {
    metadata: {
      creationTimestamp: created,
      labels: { app: "agent", "controller-revision-hash": hash },
      ...(deleted === true ? { deletionTimestamp: READY } : {}),
    },
    spec: { nodeName },
    status: { phase, ...(ready ? readySince(READY) : {}) },
  }) as Pod;
}

function decide(set: DaemonSet, nodes: readonly Node[], pods: readonly Pod[]): DaemonsPlan {
  return decideDaemons({ set, nodes, pods, hash: "new" }, NOW);
}

const removed = (plan: DaemonsPlan) => plan.remove.map((own) => own.metadata.name);
const three = [node("a"), node("b"), node("c")];

test("decideDaemons() makes a pod for every node it belongs on", () => {
  assert.deepEqual(decide(set(), three, [on("b")]).create, ["a", "c"]);
  const choosy = set({ template: template({ app: "agent" }, { nodeSelector: { disk: "ssd" } }) });
  assert.deepEqual(decide(choosy, [node("a"), node("b", {}, { disk: "ssd" })], []).create, ["b"]);
});

test("decideDaemons() runs on cordoned nodes, not on tainted ones; a pod stays when the taint only keeps new ones away", () => {
  const cordoned = { unschedulable: true, taints: [{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }] };
  const reserved = { taints: [{ key: "reserved", effect: "NoSchedule" }] };
  const cleared = { taints: [{ key: "reserved", effect: "NoExecute" }] };
  assert.deepEqual(decide(set(), [node("a", cordoned), node("b", reserved)], []).create, ["a"]);
  const plan = decide(set(), [node("a", reserved), node("b", cleared)], [on("a"), on("b")]);
  assert.deepEqual(removed(plan), ["b-new-00"]);
  assert.equal(plan.status.numberMisscheduled, 2);
});

test("decideDaemons() deletes what is on nodes that are gone, what failed, and the younger of two", () => {
  assert.deepEqual(removed(decide(set(), [], [on("gone")])), ["gone-new-00"]);
  const failed = decide(set(), [node("a")], [on("a", { phase: "Failed", ready: false })]);
  assert.deepEqual([removed(failed), failed.create], [["a-new-00"], []]);
  const patient = { set: set(), nodes: [node("a")], pods: [on("a", { phase: "Failed", ready: false })], hash: "new" };
  const later = decideDaemons({ ...patient, replaceInMs: () => 700 }, NOW);
  assert.deepEqual([removed(later), later.create, later.againMs], [[], [], 700]);
  const twice = decide(set(), [node("a")], [on("a", { created: "2026-01-01T00:00:09Z" }), on("a")]);
  assert.deepEqual(removed(twice), ["a-new-09"]);
  assert.deepEqual(decide(set(), [node("a")], [on("a", { deleted: true })]).create, []);
});

test("decideDaemons() updates as many at once as may be missing, and what does not work whatever the limit", () => {
  const old = (name: string, more: PodOptions = {}) => on(name, { hash: "old", ...more });
  assert.deepEqual(removed(decide(set(), three, [old("a"), old("b"), old("c")])), ["a-old-00"]);
  assert.deepEqual(removed(decide(set(), three, [on("a", { ready: false }), old("b"), old("c")])), []);
  assert.deepEqual(removed(decide(set(), three, [on("a"), old("b"), old("c", { ready: false })])), [
    "c-old-00",
    "b-old-00",
  ]);
  const half = set({
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "50%", maxSurge: 0 } },
  });
  assert.deepEqual(removed(decide(half, three, [old("a"), old("b"), old("c")])), ["a-old-00", "b-old-00"]);
  const manual = set({ updateStrategy: { type: "OnDelete" } });
  assert.deepEqual(removed(decide(manual, three, [old("a"), old("b"), old("c")])), []);
});

test("decideDaemons() with surge puts the new pod beside the old one, and takes the old one when the new one works", () => {
  const surging = set({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } });
  const old = (name: string) => on(name, { hash: "old" });
  assert.deepEqual(decide(surging, three, [old("a"), old("b"), old("c")]).create, ["a"]);
  const waiting = decide(surging, three, [old("a"), on("a", { ready: false }), old("b"), old("c")]);
  assert.deepEqual([waiting.create, removed(waiting)], [[], []]);
  const replaced = decide(surging, three, [old("a"), on("a"), old("b"), old("c")]);
  assert.deepEqual(removed(replaced), ["a-old-00"]);
});

test("decideDaemons() counts", () => {
  const { status } = decide(set({ minReadySeconds: 90 }), three, [on("a"), on("b", { hash: "old", ready: false })]);
  assert.deepEqual(status, {
    currentNumberScheduled: 2,
    numberMisscheduled: 0,
    desiredNumberScheduled: 3,
    numberReady: 1,
    observedGeneration: 0,
    updatedNumberScheduled: 1,
    numberAvailable: 0,
    numberUnavailable: 3,
  });
});
