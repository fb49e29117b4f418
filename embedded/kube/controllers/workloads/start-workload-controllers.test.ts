// What holds for all controllers together: they can be stopped anywhere, and a namespace can be emptied under them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SILENT } from "@holdfast/runtime/log/logger";
import type { Pod } from "./acting/object-types.ts";
import type { Deployment } from "./deployment/deployment-types.ts";
import { startWorkloadControllers } from "./start-workload-controllers.ts";
import { template, workload } from "./testkit/objects.ts";
import { startWorld } from "./testkit/workload-world.ts";

const DEPLOYMENTS = "deployments.apps";

test("controllers that stop in the middle of a rollout end it when they start again, with no pod too many", async () => {
  const world = await startWorld({ withControllers: false });
  try {
    await world.addNode("one");
    world.runPods();
    await world.hand.create(DEPLOYMENTS, workload("Deployment", "web", { replicas: 4 }));
    let most = 0;
    const unsubscribe = world.kube.context.store.subscribe("pods", () => {
      most = Math.max(
        most,
        world.list<Pod>("pods").filter((pod) => pod.metadata.deletionTimestamp === undefined).length,
      );
    });
    // Stopped after every few changes of the store, wherever that is.
    let rounds = 0;
    const status = () => world.get<Deployment>(DEPLOYMENTS, "default/web")?.status;
    while (status()?.availableReplicas !== 4) {
      const stop = startWorkloadControllers(world.kube.context, SILENT);
      let changes = 0;
      await world.until("some changes, or the end", () => ++changes > 5 || status()?.availableReplicas === 4);
      await stop();
      rounds++;
    }
    unsubscribe();
    assert.ok(rounds > 1, `${rounds} rounds`);
    assert.equal(most, 4);
  } finally {
    await world.stop();
  }
});

test("a namespace full of workloads can be deleted", async () => {
  const world = await startWorld();
  try {
    await world.addNode("one");
    world.runPods();
    await world.hand.create("namespaces", { kind: "Namespace", apiVersion: "v1", metadata: { name: "full" } });
    const claim = {
      metadata: { name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    };
    const into = (object: ReturnType<typeof workload>) => ({
      ...object,
      metadata: { ...object.metadata, namespace: "full" },
    });
    await world.hand.create(DEPLOYMENTS, into(workload("Deployment", "a", { replicas: 2 })));
    await world.hand.create("daemonsets.apps", into(workload("DaemonSet", "b")));
    await world.hand.create(
      "statefulsets.apps",
      into(workload("StatefulSet", "c", { replicas: 2, volumeClaimTemplates: [claim] })),
    );
    await world.hand.create("jobs.batch", {
      kind: "Job",
      apiVersion: "batch/v1",
      metadata: { name: "d", namespace: "full" },
      spec: { template: template({ app: "d" }, { restartPolicy: "Never" }) },
    });
    await world.hand.create("services", {
      kind: "Service",
      apiVersion: "v1",
      metadata: { name: "a", namespace: "full" },
      spec: { selector: { app: "a" }, ports: [{ port: 80 }] },
    });
    await world.until(
      "six pods that run",
      () => world.list<Pod>("pods").filter((pod) => pod.status?.phase === "Running").length === 6,
    );
    const namespace = world.get("namespaces", "full");
    assert.ok(namespace !== undefined);
    await world.hand.remove("namespaces", namespace);
    await world.until("the namespace gone", () => world.get("namespaces", "full") === undefined);
    assert.equal(world.list("pods").length + world.list("persistentvolumeclaims").length, 0);
  } finally {
    await world.stop();
  }
});
