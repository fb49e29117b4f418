// pods/eviction: a deletion that keeps to the budgets of disruption.

import { failure, forbiddenObject, objectNotFound, StatusError } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { fromLabelSelectorObject } from "@holdfast/apimachinery/selectors/label-selector";
import { rewriteStored } from "../store/rewrite.ts";
import { type DeleteOptions, deleteObject } from "./delete.ts";
import { type Caller, type KubeContext, timestamp } from "./kube-context.ts";
import { type PodCondition, withPodCondition } from "./pod-condition.ts";

export interface EvictInput {
  readonly namespace: string;
  readonly pod: string;
  readonly options: DeleteOptions;
  readonly caller: Caller;
}

interface PodStatus {
  readonly phase?: string;
  readonly conditions?: readonly PodCondition[];
}
interface Budget extends KubeObject {
  readonly spec?: { readonly selector?: unknown; readonly unhealthyPodEvictionPolicy?: string };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly disruptionsAllowed?: number;
    readonly currentHealthy?: number;
    readonly desiredHealthy?: number;
    readonly disruptedPods?: Readonly<Record<string, string>>;
  };
}

const BUDGETS = "poddisruptionbudgets.policy";
const VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget.";
/** What has ended or never started disturbs nobody. */
const FREE_PHASES: ReadonlySet<string> = new Set(["Succeeded", "Failed", "Pending"]);

/** @throws StatusError 404; 429 while a budget allows no disruption; 500 when two budgets hold the pod */
export async function evictPod(kube: KubeContext, input: EvictInput): Promise<void> {
  const key = `${input.namespace}/${input.pod}`;
  const type = kube.registry.find("", "v1", "pods");
  const found = kube.store.latest("pods", key);
  if (found === undefined || type === undefined) throw objectNotFound({ group: "", resource: "pods" }, input.pod);
  const pod = found.object;
  if (!isFree(pod)) {
    const budgets = budgetsOf(kube, pod);
    if (budgets.length > 1) {
      throw failure(
        "",
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
        { code: 500 },
      );
    }
    const [budget] = budgets;
    if (budget !== undefined && !isOutsideBudget(pod, budget)) await spend(kube, budget, input);
  }
  if (!input.options.dryRun) await markDisrupted(kube, key);
  const { namespace, options, caller } = input;
  await deleteObject(kube, { type, namespace, name: input.pod, options, caller });
}

function isFree(pod: KubeObject): boolean {
  const status = (pod["status"] ?? {}) as PodStatus;
  return pod.metadata.deletionTimestamp !== undefined || FREE_PHASES.has(status.phase ?? "");
}

function budgetsOf(kube: KubeContext, pod: KubeObject): Budget[] {
  const { namespace = "", labels = {} } = pod.metadata;
  const all = [...kube.store.bucket(BUDGETS).range(namespace)].map(([, stored]) => stored.object as Budget);
  return all.filter((budget) => fromLabelSelectorObject(budget.spec?.selector as never).matches(labels));
}

/** A pod that is not ready takes nothing from a budget that is met without it, or that says so. */
function isOutsideBudget(pod: KubeObject, budget: Budget): boolean {
  const { conditions = [] } = (pod["status"] ?? {}) as PodStatus;
  if (conditions.some((condition) => condition.type === "Ready" && condition.status === "True")) return false;
  if (budget.spec?.unhealthyPodEvictionPolicy === "AlwaysAllow") return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {};
  return desiredHealthy > 0 && currentHealthy >= desiredHealthy;
}

/** Takes one disruption out of the budget, by compare-and-swap: two evictions never spend the same one. */
async function spend(kube: KubeContext, budget: Budget, input: EvictInput): Promise<void> {
  const name = budget.metadata.name as string;
  const judge = (live: Budget) => {
    const {
      observedGeneration = 0,
      disruptionsAllowed = 0,
      currentHealthy = 0,
      desiredHealthy = 0,
    } = live.status ?? {};
    if (observedGeneration < (live.metadata.generation ?? 0))
      throw tooMany(`The disruption budget ${name} is still being processed by the server.`, 10);
    if (disruptionsAllowed < 0)
      throw forbiddenObject(
        { group: "policy", resource: "poddisruptionbudgets" },
        name,
        "pdb disruptions allowed is negative",
      );
    if (disruptionsAllowed === 0) {
      throw tooMany(
        `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
      );
    }
  };
  judge(budget);
  if (input.options.dryRun) return;
  await rewriteStored(kube.store, BUDGETS, `${input.namespace}/${name}`, (object) => {
    const live = object as Budget;
    judge(live);
    return {
      ...live,
      status: {
        ...live.status,
        disruptionsAllowed: (live.status?.disruptionsAllowed ?? 0) - 1,
        disruptedPods: { ...live.status?.disruptedPods, [input.pod]: timestamp(kube.now()) },
      },
    } as KubeObject;
  });
}

function tooMany(why: string, retryAfterSeconds?: number): StatusError {
  return new StatusError({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: VIOLATES,
    reason: "TooManyRequests",
    details: {
      causes: [{ reason: "DisruptionBudget", message: why }],
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
    code: 429,
  });
}

async function markDisrupted(kube: KubeContext, key: string): Promise<void> {
  await rewriteStored(kube.store, "pods", key, (pod) => ({
    ...pod,
    status: withPodCondition(pod, {
      type: "DisruptionTarget",
      status: "True",
      lastProbeTime: null,
      lastTransitionTime: timestamp(kube.now()),
      reason: "EvictionByEvictionAPI",
      message: "Eviction API: evicting",
    }),
  }));
}
