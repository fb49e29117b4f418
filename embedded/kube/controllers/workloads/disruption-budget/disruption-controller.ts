import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import { fromLabelSelectorObject } from "@holdfast/apimachinery/selectors/label-selector";
import type { Logger } from "@holdfast/runtime/log/logger";
import { type KubeContext, timestamp } from "../../../operations/kube-context.ts";
import type { StoreEvent } from "../../../store/object-store.ts";
import { earliest, type Related, startControlLoop } from "../acting/control-loop.ts";
import { createHand } from "../acting/hand.ts";
import type { Pod } from "../acting/object-types.ts";
import { inNamespace } from "../ownership/owner-keys.ts";
import type { DisruptionBudget } from "./budget-types.ts";
import { decideBudget } from "./decide-budget.ts";
import { expectedScale } from "./expected-scale.ts";

const BUDGETS = "poddisruptionbudgets.policy";
/** Whose size a budget may depend on. */
const SCALABLE = ["replicasets.apps", "deployments.apps", "statefulsets.apps", "replicationcontrollers"];

/** Keeps in the status of PodDisruptionBudgets how many pods may be evicted. @returns a function that stops it */
export function startDisruptionController(kube: KubeContext, log: Logger): () => Promise<void> {
  const hand = createHand(kube, { controller: "disruption-controller" });
  const scaled: Related[] = SCALABLE.map((bucket) => ({ bucket, keys: (event) => budgetsNear(kube, event) }));
  return startControlLoop(kube, log, {
    name: "disruption",
    bucket: BUDGETS,
    async reconcile(key) {
      const budget = kube.store.latest(BUDGETS, key)?.object as DisruptionBudget | undefined;
      if (budget === undefined || budget.metadata.deletionTimestamp !== undefined) return undefined;
      const selector = fromLabelSelectorObject(budget.spec.selector);
      const pods = inNamespace<Pod>(kube, "pods", budget.metadata.namespace as string).filter((pod) =>
        selector.matches(pod.metadata.labels ?? {}),
      );
      const scale = expectedScale(kube, pods);
      const nowMs = kube.now();
      const plan = decideBudget({ budget, pods, scale }, nowMs, timestamp(nowMs));
      if (!jsonEqual(plan.status, budget.status)) {
        await hand.changeStatus(BUDGETS, budget, (live) => {
          // Evictions that were granted meanwhile must not be forgotten.
          const fresh = decideBudget(
            { budget: { ...budget, status: (live as DisruptionBudget).status ?? {} }, pods, scale },
            nowMs,
            timestamp(nowMs),
          );
          live["status"] = structuredClone(fresh.status);
          return undefined;
        });
      }
      return earliest(plan.againMs);
    },
    related: [{ bucket: "pods", keys: (event) => budgetsOf(kube, event) }, ...scaled],
  });
}

function budgetsOf(kube: KubeContext, { previous, stored }: StoreEvent): string[] {
  const states = [previous, stored].filter((state) => state !== undefined).map((state) => state.object);
  const keys: string[] = [];
  for (const [key, { object }] of kube.store.bucket(BUDGETS).range(stored.object.metadata.namespace as string)) {
    const selector = fromLabelSelectorObject((object as DisruptionBudget).spec.selector);
    if (states.some((pod) => selector.matches(pod.metadata.labels ?? {}))) keys.push(key);
  }
  return keys;
}

function budgetsNear(kube: KubeContext, { previous, stored }: StoreEvent): string[] {
  const size = (object: Record<string, unknown> | undefined) =>
    (object?.["spec"] as { replicas?: number } | undefined)?.replicas;
  if (previous !== undefined && size(previous.object) === size(stored.object)) return [];
  return [...kube.store.bucket(BUDGETS).range(stored.object.metadata.namespace as string)].map(([key]) => key);
}
