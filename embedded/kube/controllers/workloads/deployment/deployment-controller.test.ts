import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { conditionOf } from "../acting/conditions.ts";
import type { Pod, ReplicaSet } from "../acting/object-types.ts";
import { template, workload } from "../testkit/objects.ts";
import { startWorld, type World } from "../testkit/workload-world.ts";
import type { Deployment } from "./deployment-types.ts";

const DEPLOYMENTS = "deployments.apps";
const SETS = "replicasets.apps";

let world: World;
before(async () => {
  world = await startWorld();
  await world.addNode("one");
  world.runPods();
});
after(() => world.stop());

const get = (name: string) => world.get<Deployment>(DEPLOYMENTS, `default/${name}`);
const sets = (app: string) => world.list<ReplicaSet>(SETS, { app });

/** Resolves when the deployment is as `kubectl rollout status` wants it. */
function complete(name: string, replicas: number): Promise<Deployment> {
  return world.until(`${name} rolled out`, () => {
    const live = get(name);
    const status = live?.status;
    return (
      live !== undefined &&
      (status?.observedGeneration ?? 0) >= (live.metadata.generation ?? 0) &&
      conditionOf(status?.conditions, "Progressing")?.reason === "NewReplicaSetAvailable" &&
      [status?.replicas, status?.updatedReplicas, status?.availableReplicas].every((count) => count === replicas) &&
      live
    );
  });
}

function image(name: string, image: string): Promise<void> {
  return world.patch(DEPLOYMENTS, `default/${name}`, {
    template: { ...template({ app: name }), spec: { containers: [{ name: "main", image }] } },
  });
}

test("a Deployment is rolled out, updated without a gap, and rolled back", async () => {
  await world.hand.create(DEPLOYMENTS, workload("Deployment", "web", { replicas: 3 }));
  const first = await complete("web", 3);
  assert.equal(first.metadata.annotations?.["deployment.kubernetes.io/revision"], "1");
  assert.deepEqual(
    { ...first.status, conditions: undefined },
    {
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      conditions: undefined,
    },
  );
  const [original] = sets("web");
  const hash = original?.metadata.labels?.["pod-template-hash"] as string;
  assert.equal(original?.metadata.name, `web-${hash}`);
  assert.deepEqual(original?.spec.selector, { matchLabels: { app: "web", "pod-template-hash": hash } });
  assert.equal(world.list<Pod>("pods", { app: "web" })[0]?.metadata.labels?.["pod-template-hash"], hash);

  let least = 3;
  const stop = world.kube.context.store.subscribe(DEPLOYMENTS, (event) => {
    if (event.stored.object.metadata.name === "web")
      least = Math.min(least, (event.stored.object as Deployment).status?.availableReplicas ?? 0);
  });
  await image("web", "app:2");
  await complete("web", 3);
  stop();
  assert.equal(least, 3);
  assert.equal(sets("web").length, 2);
  assert.equal(world.get<ReplicaSet>(SETS, `default/web-${hash}`)?.spec.replicas, 0);

  await image("web", "app:1");
  const back = await complete("web", 3);
  assert.equal(back.metadata.annotations?.["deployment.kubernetes.io/revision"], "3");
  const again = world.get<ReplicaSet>(SETS, `default/web-${hash}`);
  assert.equal(again?.spec.replicas, 3);
  assert.equal(again?.metadata.annotations?.["deployment.kubernetes.io/revision-history"], "1");
  await world.until("the events", () => {
    const said = world.list<KubeObject>("events").map((event) => event["message"]);
    return (
      said.includes(`Scaled up replica set web-${hash} from 0 to 3`) &&
      said.includes(`Scaled down replica set web-${hash} from 1 to 0`)
    );
  });
});

test("a Deployment is scaled, paused and resumed", async () => {
  await world.hand.create(DEPLOYMENTS, workload("Deployment", "size", { replicas: 1 }));
  await complete("size", 1);
  await world.patch(DEPLOYMENTS, "default/size", { replicas: 4 });
  await complete("size", 4);
  await world.patch(DEPLOYMENTS, "default/size", { paused: true });
  await world.until(
    "the note",
    () => conditionOf(get("size")?.status?.conditions, "Progressing")?.reason === "DeploymentPaused",
  );
  await image("size", "app:9");
  await world.until("observed", () => get("size")?.status?.observedGeneration === get("size")?.metadata.generation);
  assert.equal(sets("size").length, 1);
  await world.patch(DEPLOYMENTS, "default/size", { paused: false });
  await complete("size", 4);
  assert.equal(sets("size").length, 2);
});

test("a Deployment that is recreated has no two versions at once", async () => {
  await world.hand.create(DEPLOYMENTS, workload("Deployment", "once", { replicas: 2, strategy: { type: "Recreate" } }));
  await complete("once", 2);
  let together = false;
  const stop = world.kube.context.store.subscribe("pods", () => {
    const hashes = world.list<Pod>("pods", { app: "once" }).map((pod) => pod.metadata.labels?.["pod-template-hash"]);
    if (new Set(hashes).size > 1) together = true;
  });
  await image("once", "app:2");
  await complete("once", 2);
  stop();
  assert.equal(together, false);
});

test("a Deployment whose set's name is taken finds another", async () => {
  await world.hand.create(DEPLOYMENTS, workload("Deployment", "twin", { replicas: 1, paused: false }));
  const [set] = await world.until("the set", () => sets("twin").length === 1 && sets("twin"));
  const name = set?.metadata.name as string;
  await world.hand.remove(DEPLOYMENTS, get("twin") as KubeObject);
  await world.until("the set gone", () => sets("twin").length === 0);
  await world.hand.create(SETS, {
    ...workload("ReplicaSet", "squatter", { replicas: 0 }),
    metadata: { name, namespace: "default" },
  });
  await world.hand.create(DEPLOYMENTS, workload("Deployment", "twin", { replicas: 1 }));
  const live = await complete("twin", 1);
  assert.equal(live.status?.collisionCount, 1);
  assert.notEqual(sets("twin")[0]?.metadata.name, name);
});

test("a Deployment that cannot go on says so when its time is over", async () => {
  const late = workload("Deployment", "late", {
    replicas: 1,
    progressDeadlineSeconds: 1,
    template: template({ app: "late" }, { nodeSelector: { nowhere: "1" } }),
  });
  await world.hand.create(DEPLOYMENTS, late);
  const live = await world.until("the deadline", () => {
    const condition = conditionOf(get("late")?.status?.conditions, "Progressing");
    return condition?.reason === "ProgressDeadlineExceeded" && get("late");
  });
  assert.equal(conditionOf(live.status?.conditions, "Available")?.reason, "MinimumReplicasUnavailable");
  assert.equal(live.status?.unavailableReplicas, 1);
});
