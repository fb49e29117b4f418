import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { SILENT } from "@holdfast/runtime/log/logger";
import type { StoreEvent } from "../../../store/object-store.ts";
import type { Pod } from "../acting/object-types.ts";
import { startWorld } from "../testkit/workload-world.ts";
import { startLostPodCollector } from "./lost-pod-collector.ts";

test("the pods of a node that is gone fail and go, those of another stay", async () => {
  const world = await startWorld();
  const stop = startLostPodCollector(world.kube.context, SILENT, { quarantineMs: 1 });
  try {
    await world.addNode("gone");
    await world.addNode("stays");
    for (const name of ["gone", "stays"]) {
      await world.hand.create("pods", {
        kind: "Pod",
        apiVersion: "v1",
        metadata: { name, namespace: "default" },
        spec: { nodeName: name, containers: [{ name: "main", image: "app:1" }] },
      });
      await world.phase(world.get<Pod>("pods", `default/${name}`) as Pod, "Running");
    }
    let last: StoreEvent | undefined;
    const unsubscribe = world.kube.context.store.subscribe("pods", (event) => {
      if (event.type === "DELETED") last = event;
    });
    await world.hand.remove("nodes", world.get("nodes", "gone") as KubeObject);
    await world.until("the pod gone", () => world.get("pods", "default/gone") === undefined);
    unsubscribe();
    const ended = last?.stored.object as Pod;
    assert.equal(ended.metadata.name, "gone");
    assert.equal(ended.status?.phase, "Failed");
    assert.equal(ended.status?.conditions?.at(-1)?.reason, "DeletionByPodGC");
    assert.notEqual(world.get("pods", "default/stays"), undefined);
  } finally {
    await stop();
    await world.stop();
  }
});
