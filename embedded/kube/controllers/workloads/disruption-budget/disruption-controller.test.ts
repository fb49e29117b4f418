import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { workload } from "../testkit/objects.ts";
import { startWorld, type World } from "../testkit/workload-world.ts";
import type { DisruptionBudget } from "./budget-types.ts";

const BUDGETS = "poddisruptionbudgets.policy";

let world: World;
before(async () => {
  world = await startWorld();
  await world.addNode("one");
  world.runPods();
});
after(() => world.stop());

test("a budget follows the pods and the size of their deployment", async () => {
  await world.hand.create(BUDGETS, {
    kind: "PodDisruptionBudget",
    apiVersion: "policy/v1",
    metadata: { name: "web", namespace: "default" },
    spec: { maxUnavailable: 1, selector: { matchLabels: { app: "web" } } },
  });
  const status = () => world.get<DisruptionBudget>(BUDGETS, "default/web")?.status;
  await world.until("an empty budget", () => status()?.conditions?.[0]?.reason === "InsufficientPods");
  await world.hand.create("deployments.apps", workload("Deployment", "web", { replicas: 3 }));
  await world.until("three", () => status()?.currentHealthy === 3);
  assert.deepEqual(
    { ...status(), conditions: status()?.conditions?.map(({ status }) => status) },
    {
      observedGeneration: 1,
      disruptionsAllowed: 1,
      currentHealthy: 3,
      desiredHealthy: 2,
      expectedPods: 3,
      conditions: ["True"],
    },
  );
  await world.patch("deployments.apps", "default/web", { replicas: 1 });
  await world.until("one", () => status()?.expectedPods === 1 && status()?.currentHealthy === 1);
  assert.equal(status()?.disruptionsAllowed, 1);
});
