import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Pod } from "../acting/object-types.ts";
import type { ControllerRevision } from "../revisions/controller-revision.ts";
import { template, workload } from "../testkit/objects.ts";
import { startWorld, type World } from "../testkit/workload-world.ts";
import type { StatefulSet } from "./stateful-set-types.ts";

const SETS = "statefulsets.apps";
const CLAIMS = "persistentvolumeclaims";

let world: World;
before(async () => {
  world = await startWorld();
  await world.addNode("one");
  world.runPods();
});
after(() => world.stop());

const get = (name: string) => world.get<StatefulSet>(SETS, `default/${name}`);
const pods = (app: string) => world.list<Pod>("pods", { app });

/** Resolves when `kubectl rollout status` would be content. */
function settled(name: string, replicas: number): Promise<StatefulSet> {
  return world.until(`${name} settled`, () => {
    const live = get(name);
    const { status } = live ?? {};
    const counts = [status?.replicas, status?.readyReplicas, status?.updatedReplicas].map((count) => count ?? 0);
    return (
      live !== undefined &&
      status?.observedGeneration === live.metadata.generation &&
      status?.currentRevision === status?.updateRevision &&
      counts.every((count) => count === replicas) &&
      live
    );
  });
}

const claimTemplate = {
  metadata: { name: "data" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
};

test("a StatefulSet gets its members in order, with names, labels and claims that last", async () => {
  const order: string[] = [];
  const stop = world.kube.context.store.subscribe("pods", (event) => {
    if (event.type === "ADDED") order.push(event.stored.object.metadata.name as string);
  });
  await world.hand.create(
    SETS,
    workload("StatefulSet", "db", { replicas: 3, serviceName: "db", volumeClaimTemplates: [claimTemplate] }),
  );
  const live = await settled("db", 3);
  stop();
  assert.deepEqual(order, ["db-0", "db-1", "db-2"]);
  const member = world.get<Pod>("pods", "default/db-1") as Pod;
  assert.deepEqual(member.metadata.labels, {
    app: "db",
    "apps.kubernetes.io/pod-index": "1",
    "controller-revision-hash": live.status?.updateRevision,
    "statefulset.kubernetes.io/pod-name": "db-1",
  });
  assert.deepEqual([member.spec.hostname, member.spec.subdomain], ["db-1", "db"]);
  assert.deepEqual(member.spec.volumes?.[0], { name: "data", persistentVolumeClaim: { claimName: "data-db-1" } });
  assert.deepEqual(world.get<KubeObject>(CLAIMS, "default/data-db-1")?.metadata.labels, { app: "db" });

  const claim = world.get<KubeObject>(CLAIMS, "default/data-db-1")?.metadata.uid;
  await world.hand.remove("pods", member);
  await world.until("a new db-1", () => {
    const again = world.get<Pod>("pods", "default/db-1");
    return again !== undefined && again.metadata.uid !== member.metadata.uid;
  });
  await settled("db", 3);
  assert.equal(world.get<KubeObject>(CLAIMS, "default/data-db-1")?.metadata.uid, claim);

  await world.patch(SETS, "default/db", { replicas: 1 });
  await settled("db", 1);
  assert.deepEqual(
    pods("db").map((pod) => pod.metadata.name),
    ["db-0"],
  );
  assert.equal(world.list(CLAIMS, { app: "db" }).length, 3);
});

test("a StatefulSet is updated from the top, down to the partition, and rolled back by its revisions", async () => {
  await world.hand.create(SETS, workload("StatefulSet", "roll", { replicas: 2 }));
  const first = (await settled("roll", 2)).status?.updateRevision as string;
  const image = (name: string) => ({
    ...template({ app: "roll" }),
    spec: { containers: [{ name: "main", image: name }] },
  });
  await world.patch(SETS, "default/roll", {
    template: image("app:2"),
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } },
  });
  const images = () =>
    ["roll-0", "roll-1"].map((name) => world.get<Pod>("pods", `default/${name}`)?.spec.containers?.[0]?.image);
  await world.until(
    "half of it",
    () => get("roll")?.status?.updatedReplicas === 1 && get("roll")?.status?.readyReplicas === 2,
  );
  assert.deepEqual(images(), ["app:1", "app:2"]);
  assert.equal(get("roll")?.status?.currentRevision, first);
  await world.patch(SETS, "default/roll", {
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
  });
  await settled("roll", 2);
  assert.deepEqual(images(), ["app:2", "app:2"]);
  await world.patch(SETS, "default/roll", { template: image("app:1") });
  assert.equal((await settled("roll", 2)).status?.updateRevision, first);
  const revisions = world.list<ControllerRevision>("controllerrevisions.apps", { app: "roll" });
  assert.deepEqual(revisions.map(({ revision }) => revision).sort(), [2, 3]);
  assert.equal(revisions[0]?.data.spec.template.$patch, "replace");
});

test("claims go with the set, or with a member that is scaled away, when the policy says so", async () => {
  const policy = { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Delete" } };
  const made = await world.hand.create(
    SETS,
    workload("StatefulSet", "lean", { replicas: 2, volumeClaimTemplates: [claimTemplate], ...policy }),
  );
  await settled("lean", 2);
  assert.equal(
    world.get<KubeObject>(CLAIMS, "default/data-lean-0")?.metadata.ownerReferences?.[0]?.kind,
    "StatefulSet",
  );
  await world.patch(SETS, "default/lean", { replicas: 1 });
  await world.until("the second claim gone", () => world.list(CLAIMS, { app: "lean" }).length === 1);
  await world.hand.remove(SETS, made);
  await world.until("all gone", () => world.list(CLAIMS, { app: "lean" }).length === 0 && pods("lean").length === 0);
});
