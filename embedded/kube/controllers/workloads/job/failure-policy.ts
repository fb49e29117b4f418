// What a failed pod means for its job. https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
import type { ContainerStatus, Pod } from "../acting/object-types.ts";
import type { FailureRule, Job } from "./job-types.ts";

export interface FailureVerdict {
  readonly action: "Count" | "Ignore" | "FailIndex" | "FailJob";
  /** For FailJob: why. */
  readonly message?: string;
}

const COUNT: FailureVerdict = { action: "Count" };

/** The verdict of the first rule that matches; without one the failure counts. */
export function judgeFailure(job: Job, pod: Pod): FailureVerdict {
  for (const [i, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const what = matchOf(rule, pod);
    if (what === undefined) continue;
    const { action } = rule;
    if (action === "FailJob") return { action, message: `${what} matching ${action} rule at index ${i}` };
    if (action === "Ignore" || action === "FailIndex") return { action };
    return COUNT;
  }
  return COUNT;
}

/** What matched, in words. */
function matchOf({ onExitCodes, onPodConditions }: FailureRule, pod: Pod): string | undefined {
  const who = `${pod.metadata.namespace}/${pod.metadata.name}`;
  if (onExitCodes !== undefined) {
    const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
    const found = statuses.find((status) => matchesCode(status, onExitCodes));
    if (found === undefined) return undefined;
    return `Container ${found.name} for pod ${who} failed with exit code ${found.state?.terminated?.exitCode}`;
  }
  for (const wanted of onPodConditions ?? []) {
    const met = pod.status?.conditions?.some((own) => own.type === wanted.type && own.status === wanted.status);
    if (met === true) return `Pod ${who} has condition ${wanted.type}`;
  }
  return undefined;
}

function matchesCode(status: ContainerStatus, rule: NonNullable<FailureRule["onExitCodes"]>): boolean {
  if (rule.containerName !== undefined && rule.containerName !== status.name) return false;
  const code = status.state?.terminated?.exitCode;
  if (code === undefined || code === 0) return false;
  return rule.values.includes(code) === (rule.operator === "In");
}
