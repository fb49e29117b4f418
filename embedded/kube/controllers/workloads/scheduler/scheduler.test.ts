import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { conditionOf } from "../acting/conditions.ts";
import type { Node, Pod } from "../acting/object-types.ts";
import { startWorld, type World } from "../testkit/workload-world.ts";

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.stop());

function create(name: string, spec: object = {}): Promise<KubeObject> {
  return world.hand.create("pods", {
    kind: "Pod",
    apiVersion: "v1",
    metadata: { name, namespace: "default" },
    spec: { containers: [{ name: "main", image: "app:1" }], ...spec },
  });
}

const scheduled = (name: string) =>
  conditionOf(world.get<Pod>("pods", `default/${name}`)?.status?.conditions, "PodScheduled");

test("a pod waits for a node that is ready, is bound to it, and others are spread", async () => {
  await create("first");
  const waiting = await world.until("the refusal", () => scheduled("first"));
  assert.equal(waiting.status, "False");
  assert.equal(waiting.reason, "Unschedulable");
  assert.equal(waiting.message, "no nodes available to schedule pods");
  await world.until("the event", () =>
    world
      .list<KubeObject>("events")
      .some((event) => event["reason"] === "FailedScheduling" && event["type"] === "Warning"),
  );
  await world.addNode("one");
  const bound = await world.until("the binding", () => {
    const pod = world.get<Pod>("pods", "default/first");
    return pod?.spec.nodeName === "one" && pod;
  });
  assert.equal(conditionOf(bound.status?.conditions, "PodScheduled")?.status, "True");
  assert.equal(world.get<Node>("nodes", "one")?.spec?.taints, undefined);
  await world.addNode("two");
  await world.until(
    "the taint of the second node gone",
    () => world.get<Node>("nodes", "two")?.spec?.taints === undefined,
  );
  await Promise.all(["a", "b", "c"].map((name) => create(name)));
  const all = ["first", "a", "b", "c"];
  await world.until("all bound", () => all.every((name) => world.get<Pod>("pods", `default/${name}`)?.spec.nodeName));
  const nodes = all.map((name) => world.get<Pod>("pods", `default/${name}`)?.spec.nodeName).sort();
  assert.deepEqual(nodes, ["one", "one", "two", "two"]);
});

test("a pod that fits nowhere is bound when room is made for it", async () => {
  await world.hand.changeStatus("nodes", world.get("nodes", "two") as KubeObject, (live) => {
    live["status"] = { ...(live["status"] as object), allocatable: { cpu: "1", pods: "10" } };
    return undefined;
  });
  const large = () => ({
    nodeSelector: { "kubernetes.io/hostname": "two" },
    containers: [{ name: "main", image: "app:1", resources: { requests: { cpu: "1" } } }],
  });
  const first = await create("large-1", large());
  await world.until("the first bound", () => scheduled("large-1")?.status === "True");
  await create("large-2", large());
  const refused = await world.until("the refusal", () => scheduled("large-2"));
  assert.equal(
    refused.message,
    "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match Pod's node affinity/selector. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
  );
  await world.hand.remove("pods", first, { gracePeriodSeconds: 0 });
  await world.until("the second bound", () => world.get<Pod>("pods", "default/large-2")?.spec.nodeName === "two");
});

test("a node that is cordoned or not ready gets no pods, and says so in taints", async () => {
  await world.patch("nodes", "one", { unschedulable: true });
  await world.hand.changeStatus("nodes", world.get("nodes", "two") as KubeObject, (live) => {
    live["status"] = { conditions: [{ type: "Ready", status: "Unknown" }] };
    return undefined;
  });
  const keys = (name: string) =>
    (world.get<Node>("nodes", name)?.spec?.taints ?? []).map((taint) => `${taint.key}:${taint.effect}`);
  await world.until("the taints", () => keys("one").length === 1 && keys("two").length === 1);
  assert.deepEqual(keys("one"), ["node.kubernetes.io/unschedulable:NoSchedule"]);
  assert.deepEqual(keys("two"), ["node.kubernetes.io/unreachable:NoSchedule"]);
  await create("nowhere");
  const refused = await world.until("the refusal", () => scheduled("nowhere"));
  assert.match(
    refused.message ?? "",
    /^0\/2 nodes are available: 1 node\(s\) had untolerated taint \{node.kubernetes.io\/unreachable: \}, 1 node\(s\) were unschedulable\. /,
  );
  await world.patch("nodes", "one", { unschedulable: false });
  await world.until("the binding", () => world.get<Pod>("pods", "default/nowhere")?.spec.nodeName === "one");
});

test("a pod with a node of its own, another scheduler or a gate is left alone; a gate that opens lets it through", async () => {
  await create("placed", { nodeName: "elsewhere" });
  await create("other", { schedulerName: "mine" });
  const gated = await create("gated", { schedulingGates: [{ name: "example.com/wait" }] });
  await create("plain");
  await world.until("the plain one bound", () => world.get<Pod>("pods", "default/plain")?.spec.nodeName);
  assert.equal(world.get<Pod>("pods", "default/placed")?.spec.nodeName, "elsewhere");
  assert.equal(world.get<Pod>("pods", "default/other")?.spec.nodeName, undefined);
  assert.equal(world.get<Pod>("pods", "default/gated")?.spec.nodeName, undefined);
  await world.hand.change("pods", gated, (live) => {
    delete (live["spec"] as Record<string, unknown>)["schedulingGates"];
    return undefined;
  });
  await world.until("the gated one bound", () => world.get<Pod>("pods", "default/gated")?.spec.nodeName === "one");
});
