import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { LabelSelectorObject } from "@holdfast/apimachinery/selectors/label-selector";
import type { Condition } from "../acting/object-types.ts";

export interface BudgetStatus {
  readonly observedGeneration?: number;
  /** Pods that are about to be evicted -> since when. */
  readonly disruptedPods?: Readonly<Record<string, string>>;
  readonly disruptionsAllowed?: number;
  readonly currentHealthy?: number;
  readonly desiredHealthy?: number;
  readonly expectedPods?: number;
  readonly conditions?: readonly Condition[];
}

export interface DisruptionBudget extends KubeObject {
  readonly spec: {
    readonly minAvailable?: number | string;
    readonly maxUnavailable?: number | string;
    readonly selector?: LabelSelectorObject | null;
  };
  readonly status?: BudgetStatus;
}
