import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { LabelSelectorObject } from "@holdfast/apimachinery/selectors/label-selector";
import type { Condition, Pod, PodTemplate } from "../acting/object-types.ts";

/** Holds a pod until its end has been counted. */
export const TRACKING = "batch.kubernetes.io/job-tracking";
export const INDEX = "batch.kubernetes.io/job-completion-index";
/** How often pods of the same index failed before this one. */
export const INDEX_FAILURES = "batch.kubernetes.io/job-index-failure-count";
export const JOB_NAME = "batch.kubernetes.io/job-name";

export interface FailureRule {
  readonly action: string;
  readonly onExitCodes?: {
    readonly containerName?: string;
    readonly operator: string;
    readonly values: readonly number[];
  };
  readonly onPodConditions?: readonly { readonly type: string; readonly status: string }[];
}

export interface JobSpec {
  readonly parallelism?: number;
  readonly completions?: number;
  readonly completionMode?: string;
  readonly activeDeadlineSeconds?: number;
  readonly backoffLimit?: number;
  readonly backoffLimitPerIndex?: number;
  readonly maxFailedIndexes?: number;
  readonly podFailurePolicy?: { readonly rules?: readonly FailureRule[] };
  readonly successPolicy?: {
    readonly rules?: readonly { readonly succeededIndexes?: string; readonly succeededCount?: number }[];
  };
  readonly podReplacementPolicy?: string;
  readonly ttlSecondsAfterFinished?: number;
  readonly suspend?: boolean;
  readonly managedBy?: string;
  readonly selector: LabelSelectorObject;
  readonly template: PodTemplate;
}

export interface JobStatus {
  readonly conditions?: readonly Condition[];
  readonly startTime?: string;
  readonly completionTime?: string;
  readonly active?: number;
  readonly ready?: number;
  readonly terminating?: number;
  readonly succeeded?: number;
  readonly failed?: number;
  readonly completedIndexes?: string;
  readonly failedIndexes?: string;
  /** Pods that have ended and are still held: their end is not yet in the counts. */
  readonly uncountedTerminatedPods?: { readonly succeeded?: readonly string[]; readonly failed?: readonly string[] };
}

export interface Job extends KubeObject {
  readonly spec: JobSpec;
  readonly status?: JobStatus;
}

export function isIndexed({ spec }: Job): boolean {
  return spec.completionMode === "Indexed";
}

/** The index that a pod works on; undefined when it has none that is a number. */
export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[INDEX] ?? pod.metadata.labels?.[INDEX];
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

export function isTracked(pod: Pod): boolean {
  return pod.metadata.finalizers?.includes(TRACKING) === true;
}

/** Complete or Failed: nothing about the job changes any more. */
export function finishedCondition(job: Job): Condition | undefined {
  return job.status?.conditions?.find(
    (condition) => (condition.type === "Complete" || condition.type === "Failed") && condition.status === "True",
  );
}
