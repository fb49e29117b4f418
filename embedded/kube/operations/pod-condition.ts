import type { KubeObject } from "@holdfast/apimachinery/meta/types";

/** core/v1 PodCondition. */
export interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly lastProbeTime: string | null;
  readonly lastTransitionTime: string;
  readonly reason?: string;
  readonly message?: string;
}

/** The status of a pod with this condition in the place of the one of its type. */
export function withPodCondition(pod: KubeObject, next: PodCondition): Record<string, unknown> {
  const status = (pod["status"] ?? {}) as { readonly conditions?: readonly PodCondition[] };
  const conditions = [...(status.conditions ?? [])];
  const at = conditions.findIndex((condition) => condition.type === next.type);
  if (at < 0) conditions.push(next);
  else conditions[at] = next;
  return { ...status, conditions };
}
