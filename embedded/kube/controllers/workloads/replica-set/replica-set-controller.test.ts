import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Pod, ReplicaSet } from "../acting/object-types.ts";
import { workload } from "../testkit/objects.ts";
import { startWorld, type World } from "../testkit/workload-world.ts";

const SETS = "replicasets.apps";

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.stop());

function pods(app: string): Pod[] {
  return world.list<Pod>("pods", { app }).filter((pod) => pod.metadata.deletionTimestamp === undefined);
}

test("a ReplicaSet gets its pods, counts them, and shrinks", async () => {
  const set = await world.hand.create(SETS, workload("ReplicaSet", "grow", { replicas: 3 }));
  const counted = await world.until("three replicas", () => {
    const live = world.get<ReplicaSet>(SETS, "default/grow");
    return live?.status?.replicas === 3 && live;
  });
  assert.deepEqual(counted.status, { replicas: 3, fullyLabeledReplicas: 3, observedGeneration: 1 });
  assert.deepEqual(
    counted.metadata.managedFields?.map(({ manager, subresource }) => ({ manager, subresource })),
    [
      { manager: "kube-controller-manager", subresource: "status" },
      { manager: "kubectl", subresource: undefined },
    ],
  );
  const [first] = pods("grow");
  assert.match(first?.metadata.name ?? "", /^grow-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  assert.deepEqual(first?.metadata.ownerReferences, [
    {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      name: "grow",
      uid: set.metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    },
  ]);
  assert.equal(first?.metadata.managedFields?.[0]?.manager, "kube-controller-manager");
  await world.patch(SETS, "default/grow", { replicas: 1 });
  await world.until("one pod", () => pods("grow").length === 1);
  await world.until("the events", () => {
    const reasons = world
      .list<KubeObject>("events")
      .filter((e) => (e["involvedObject"] as KubeObject["metadata"]).name === "grow");
    return (
      reasons.filter((event) => event["reason"] === "SuccessfulCreate").length === 3 &&
      reasons.filter((event) => event["reason"] === "SuccessfulDelete").length === 2
    );
  });
});

test("a ReplicaSet counts what is ready, and what has been so for long enough", async () => {
  await world.hand.create(SETS, workload("ReplicaSet", "count", { replicas: 2, minReadySeconds: 1 }));
  await world.until("two pods", () => pods("count").length === 2);
  await world.phase(pods("count")[0] as Pod, "Running");
  const ready = await world.until("one ready", () => {
    const live = world.get<ReplicaSet>(SETS, "default/count");
    return live?.status?.readyReplicas === 1 && live;
  });
  assert.equal(ready.status?.availableReplicas, undefined);
  await world.until(
    "one available",
    () => world.get<ReplicaSet>(SETS, "default/count")?.status?.availableReplicas === 1,
  );
});

test("a ReplicaSet replaces a pod that failed, adopts an orphan and lets go of one that is labelled otherwise", async () => {
  await world.hand.create("pods", {
    kind: "Pod",
    apiVersion: "v1",
    metadata: { name: "orphan", namespace: "default", labels: { app: "adopt" } },
    spec: { containers: [{ name: "main", image: "app:1" }] },
  });
  await world.hand.create(SETS, workload("ReplicaSet", "adopt", { replicas: 2 }));
  await world.until("the adoption", () => {
    const orphan = world.get<Pod>("pods", "default/orphan");
    return orphan?.metadata.ownerReferences?.[0]?.name === "adopt" && pods("adopt").length === 2;
  });
  const orphan = world.get<Pod>("pods", "default/orphan") as Pod;
  await world.hand.change("pods", orphan, (live) => {
    live.metadata.labels = { app: "free" };
    return undefined;
  });
  await world.until("the release", () => {
    const freed = world.get<Pod>("pods", "default/orphan");
    return freed?.metadata.ownerReferences === undefined && pods("adopt").length === 2;
  });
  await world.phase(pods("adopt")[0] as Pod, "Failed");
  await world.until("the replacement", () => pods("adopt").filter((p) => p.status?.phase === "Pending").length === 2);
});

test("a ReplicaSet says why it cannot create pods, and creates them when it can", async () => {
  const guard = await world.hand.create("validatingwebhookconfigurations.admissionregistration.k8s.io", {
    kind: "ValidatingWebhookConfiguration",
    apiVersion: "admissionregistration.k8s.io/v1",
    metadata: { name: "no-pods" },
    webhooks: [
      {
        name: "pods.guard.example.com",
        clientConfig: { url: "https://127.0.0.1:1/" },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], operations: ["CREATE"] }],
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
      },
    ],
  });
  await world.hand.create(SETS, workload("ReplicaSet", "kept", { replicas: 1 }));
  const failing = await world.until("the condition", () => {
    const live = world.get<ReplicaSet>(SETS, "default/kept");
    return live?.status?.conditions?.[0] !== undefined && live;
  });
  const [condition] = failing.status?.conditions ?? [];
  assert.equal(condition?.type, "ReplicaFailure");
  assert.equal(condition?.reason, "FailedCreate");
  assert.match(condition?.message ?? "", /failed calling webhook "pods\.guard\.example\.com"/);
  await world.hand.remove("validatingwebhookconfigurations.admissionregistration.k8s.io", guard);
  await world.until("the pod", () => pods("kept").length === 1);
  await world.until("the condition is gone", () => {
    const live = world.get<ReplicaSet>(SETS, "default/kept");
    return live?.status?.conditions === undefined;
  });
});

test("the pods of a deleted ReplicaSet go with it", async () => {
  const set = await world.hand.create(SETS, workload("ReplicaSet", "gone", { replicas: 2 }));
  await world.until("two pods", () => pods("gone").length === 2);
  await world.hand.remove(SETS, set);
  await world.until("no pods", () => world.list("pods", { app: "gone" }).length === 0);
});
