import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "../acting/object-types.ts";
import { pod, readySince } from "../testkit/objects.ts";
import type { BudgetStatus, DisruptionBudget } from "./budget-types.ts";
import { type BudgetObserved, decideBudget } from "./decide-budget.ts";

const NOW = "2026-01-01T00:10:00Z";

function budget(spec: DisruptionBudget["spec"], status: BudgetStatus = {}): DisruptionBudget {
  const metadata = { name: "b", namespace: "default", generation: 2 };
  return { kind: "PodDisruptionBudget", apiVersion: "policy/v1", metadata, spec, status };
}

const ready = (name: string) => pod(name, { status: readySince("2026-01-01T00:00:00Z") }) as Pod;
const broken = (name: string) => pod(name) as Pod;

function decide(
  own: DisruptionBudget,
  pods: readonly Pod[],
  scale: BudgetObserved["scale"] = { replicas: pods.length },
) {
  return decideBudget({ budget: own, pods, scale }, Date.parse(NOW), NOW);
}

test("decideBudget() counts what may be missing", () => {
  const three = [ready("a"), ready("b"), broken("c")];
  const rows: readonly [DisruptionBudget["spec"], scale: number, allowed: number, desired: number, expected: number][] =
    [
      [{ minAvailable: 1 }, 9, 1, 1, 3],
      [{ minAvailable: 2 }, 9, 0, 2, 3],
      [{ minAvailable: "50%" }, 3, 0, 2, 3],
      [{ minAvailable: "30%" }, 3, 1, 1, 3],
      [{ maxUnavailable: 1 }, 3, 0, 2, 3],
      [{ maxUnavailable: 2 }, 3, 1, 1, 3],
      [{ maxUnavailable: "50%" }, 3, 1, 1, 3],
      [{ maxUnavailable: 1 }, 0, 0, 0, 0],
    ];
  for (const [i, [spec, replicas, allowed, desired, expected]] of rows.entries()) {
    const { status } = decide(budget(spec), three, { replicas });
    assert.deepEqual(
      [status.disruptionsAllowed, status.desiredHealthy, status.expectedPods, status.currentHealthy],
      [allowed, desired, expected, 2],
      `row ${i}`,
    );
  }
});

test("decideBudget() says whether pods may be evicted, and since when", () => {
  const may = decide(budget({ minAvailable: 0 }), [ready("a")]).status;
  assert.deepEqual(may.conditions, [
    {
      type: "DisruptionAllowed",
      status: "True",
      observedGeneration: 2,
      lastTransitionTime: NOW,
      reason: "SufficientPods",
      message: "",
    },
  ]);
  const since = "2026-01-01T00:05:00Z";
  const known = { conditions: [{ type: "DisruptionAllowed", status: "False", lastTransitionTime: since }] };
  const mayNot = decide(budget({ minAvailable: 1 }, known), [ready("a")]).status;
  assert.equal(mayNot.conditions[0]?.reason, "InsufficientPods");
  assert.equal(mayNot.conditions[0]?.lastTransitionTime, since);
  const unknown = decide(budget({ maxUnavailable: 1 }), [ready("a")], { problem: "nobody can tell" }).status;
  assert.deepEqual([unknown.disruptionsAllowed, unknown.conditions[0]?.reason], [0, "SyncFailed"]);
});

test("decideBudget() counts granted evictions for two minutes", () => {
  const disruptedPods = { a: "2026-01-01T00:09:00Z", b: "2026-01-01T00:07:00Z", gone: "2026-01-01T00:09:00Z" };
  const plan = decide(budget({ minAvailable: 0 }, { disruptedPods }), [ready("a"), ready("b")]);
  assert.deepEqual(plan.status.disruptedPods, { a: "2026-01-01T00:09:00Z" });
  assert.equal(plan.status.disruptionsAllowed, 1);
  assert.equal(plan.againMs, 60_000);
});
