// Taints and tolerations. https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
import type { Taint, Toleration } from "../acting/object-types.ts";

/** Effects that keep a pod from a node. */
export const KEEPS_AWAY: readonly string[] = ["NoSchedule", "NoExecute"];

export function tolerates({ key = "", operator = "", value = "", effect = "" }: Toleration, taint: Taint): boolean {
  if (effect !== "" && effect !== taint.effect) return false;
  if (key !== "" && key !== taint.key) return false;
  if (operator === "Exists") return true;
  return (operator === "" || operator === "Equal") && key !== "" && value === (taint.value ?? "");
}

/** The first taint with one of `effects` that nothing tolerates; undefined when there is none. */
export function untolerated(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly string[],
): Taint | undefined {
  return taints?.find(
    (taint) => effects.includes(taint.effect) && tolerations?.some((own) => tolerates(own, taint)) !== true,
  );
}
