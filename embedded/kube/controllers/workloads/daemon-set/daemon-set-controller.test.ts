import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Pod } from "../acting/object-types.ts";
import { template, workload } from "../testkit/objects.ts";
import { startWorld, type World } from "../testkit/workload-world.ts";
import type { DaemonSet } from "./daemon-set-types.ts";

const SETS = "daemonsets.apps";

let world: World;
before(async () => {
  world = await startWorld();
  await world.addNode("one");
  await world.addNode("two");
  world.runPods();
});
after(() => world.stop());

const get = (name: string) => world.get<DaemonSet>(SETS, `default/${name}`);
const pods = (app: string) => world.list<Pod>("pods", { app });

/** Resolves when `kubectl rollout status` would be content. */
function settled(name: string, count: number): Promise<DaemonSet> {
  return world.until(`${name} on ${count} nodes`, () => {
    const live = get(name);
    const { status } = live ?? {};
    const counts = [status?.desiredNumberScheduled, status?.updatedNumberScheduled, status?.numberAvailable];
    return (
      live !== undefined &&
      status?.observedGeneration === live.metadata.generation &&
      counts.every((own) => (own ?? 0) === count) &&
      live
    );
  });
}

test("a DaemonSet has a pod on every node, also on one that joins, and none on one that leaves", async () => {
  await world.hand.create(SETS, workload("DaemonSet", "agent"));
  await settled("agent", 2);
  assert.deepEqual(
    pods("agent")
      .map((pod) => pod.spec.nodeName)
      .sort(),
    ["one", "two"],
  );
  const [first] = pods("agent");
  assert.equal(first?.metadata.labels?.["pod-template-generation"], "1");
  assert.match(first?.metadata.labels?.["controller-revision-hash"] ?? "", /^[bcdf-hj-np-tv-xz2-9]+$/);
  await world.addNode("three");
  await settled("agent", 3);
  await world.hand.remove("nodes", world.get("nodes", "three") as KubeObject);
  await settled("agent", 2);
  await world.until("the pod gone", () => pods("agent").length === 2);
});

test("a DaemonSet is updated node by node", async () => {
  await world.hand.create(SETS, workload("DaemonSet", "roll"));
  await settled("roll", 2);
  let least = 2;
  const stop = world.kube.context.store.subscribe("pods", () => {
    least = Math.min(least, pods("roll").filter((pod) => pod.metadata.deletionTimestamp === undefined).length);
  });
  await world.patch(SETS, "default/roll", {
    template: { ...template({ app: "roll" }), spec: { containers: [{ name: "main", image: "app:2" }] } },
  });
  await settled("roll", 2);
  stop();
  assert.equal(least, 1);
  assert.deepEqual(
    pods("roll").map((pod) => pod.spec.containers?.[0]?.image),
    ["app:2", "app:2"],
  );
  assert.equal(world.list("controllerrevisions.apps", { app: "roll" }).length, 2);
});

test("a DaemonSet goes where its node selector says", async () => {
  const choosy = workload("DaemonSet", "choosy", {
    template: template({ app: "choosy" }, { nodeSelector: { disk: "ssd" } }),
  });
  await world.hand.create(SETS, choosy);
  await world.until("judged", () => get("choosy")?.status?.observedGeneration === 1);
  assert.equal(pods("choosy").length, 0);
  await world.hand.change("nodes", world.get("nodes", "two") as KubeObject, (live) => {
    live.metadata.labels = { ...live.metadata.labels, disk: "ssd" };
    return undefined;
  });
  await settled("choosy", 1);
  assert.equal(pods("choosy")[0]?.spec.nodeName, "two");
});
