import type { Requeue } from "@holdfast/runtime/kube/work-queue";
import type { Logger } from "@holdfast/runtime/log/logger";
import { type KubeContext, timestamp } from "../../../operations/kube-context.ts";
import { again, earliest } from "../acting/control-loop.ts";
import type { Hand } from "../acting/hand.ts";
import type { Condition, Pod } from "../acting/object-types.ts";
import { isNamespaceLeaving, messageOf } from "../acting/reasons.ts";
import { slowStart } from "../acting/slow-start.ts";
import { type ControllerParts, startWorkloadController } from "../acting/workload-controller.ts";
import { controllerOf, decideClaims, settleClaims } from "../ownership/claim.ts";
import { childrenOf, inNamespace, type OwnerKind } from "../ownership/owner-keys.ts";
import { decideJob, expiresInMs, type JobPlan, type Moment } from "./decide-job.ts";
import type { Outcome } from "./decide-outcome.ts";
import { withCounted } from "./job-census.ts";
import { jobPod } from "./job-pod.ts";
import { finishedCondition, isTracked, JOB_NAME, type Job, type JobStatus, TRACKING } from "./job-types.ts";

export const JOBS: OwnerKind = { bucket: "jobs.batch", kind: "Job", apiGroup: "batch" };

/**
 * Runs Jobs to their end. Pods are held by a finalizer until their end is in the job's status, so that none is forgotten or counted
 * twice, wherever the process is killed.
 *
 * @returns a function that stops it
 */
export function startJobController(kube: KubeContext, log: Logger): () => Promise<void> {
  return startWorkloadController(kube, log, {
    name: "job-controller",
    bucket: JOBS.bucket,
    reconcile,
    related: [childrenOf(kube, "pods", JOBS)],
  });
}

async function reconcile(parts: ControllerParts, key: string): Promise<Requeue> {
  const { kube, hand } = parts;
  const job = kube.store.latest(JOBS.bucket, key)?.object as Job | undefined;
  if (job === undefined || job.metadata.deletionTimestamp !== undefined) {
    await releaseOrphans(parts, key);
    return undefined;
  }
  if ((job.spec.managedBy ?? "kubernetes.io/job-controller") !== "kubernetes.io/job-controller") return undefined;
  const pods = await gather(parts, job);
  if (finishedCondition(job) !== undefined) return afterwards(parts, job, pods);
  const nowMs = kube.now();
  const moment: Moment = { nowMs, now: timestamp(nowMs) };
  const plan = decideJob(job, pods, moment);
  // First the list of what has ended, then the release: whoever looks in between sees a pod that is listed and held.
  if (plan.release.length > 0 || plan.end.length > 0) await writeStatus(hand, job, plan.status);
  for (const pod of plan.release) await release(hand, pod);
  const { error, created } = await act(parts, job, plan);
  const held = new Set((await gather(parts, job)).filter(isTracked).map((pod) => pod.metadata.uid as string));
  let status: JobStatus = withCounted(job, plan.status, held);
  const active = (status.active ?? 0) + created - plan.discard.length - plan.end.length;
  status = { ...status, active, ready: Math.min(status.ready ?? 0, active) };
  const finished = plan.finish !== undefined && held.size === 0 ? plan.finish : undefined;
  if (finished !== undefined) status = withOutcome(status, finished, moment);
  await writeStatus(hand, job, status);
  if (finished !== undefined) sayOutcome(parts, job, finished);
  if (error !== undefined && !isNamespaceLeaving(error)) throw error;
  return earliest(plan.againMs);
}

async function gather({ kube, hand }: ControllerParts, job: Job): Promise<Pod[]> {
  const candidates = inNamespace<Pod>(kube, "pods", job.metadata.namespace as string);
  const claims = decideClaims(job, candidates, { selector: job.spec.selector });
  return settleClaims(hand, "pods", { owner: job, claims });
}

async function act(parts: ControllerParts, job: Job, plan: JobPlan): Promise<{ error: unknown; created: number }> {
  const { hand, events } = parts;
  for (const { reason, message } of plan.says) events.normal(job, reason, message);
  for (const pod of plan.discard) {
    await release(hand, pod);
    if (await hand.remove("pods", pod)) events.normal(job, "SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`);
  }
  for (const pod of plan.end) {
    if (await hand.remove("pods", pod)) events.normal(job, "SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`);
  }
  const { done, error } = await slowStart(plan.create.length, async (i) => {
    try {
      const pod = await hand.create("pods", jobPod(job, plan.create[i] ?? {}));
      events.normal(job, "SuccessfulCreate", `Created pod: ${pod.metadata.name}`);
    } catch (refusal) {
      if (!isNamespaceLeaving(refusal)) events.warning(job, "FailedCreate", `Error creating: ${messageOf(refusal)}`);
      throw refusal;
    }
  });
  return { error, created: done };
}

function withOutcome(status: JobStatus, { type, reason, message }: Outcome, { now }: Moment): JobStatus {
  const condition: Condition = { type, status: "True", lastProbeTime: now, lastTransitionTime: now, reason, message };
  return {
    ...status,
    ...(type === "Complete" ? { completionTime: now } : {}),
    conditions: [...(status.conditions ?? []), condition],
  };
}

function sayOutcome({ events }: ControllerParts, job: Job, { type, reason, message }: Outcome): void {
  if (type === "Complete") events.normal(job, "Completed", "Job completed");
  else events.warning(job, reason, message);
}

/** A finished job lets go of its last pods, and goes when its time has come. */
async function afterwards({ hand, kube }: ControllerParts, job: Job, pods: readonly Pod[]): Promise<Requeue> {
  for (const pod of pods) if (isTracked(pod)) await release(hand, pod);
  const left = expiresInMs(job, kube.now());
  if (left === undefined) return undefined;
  if (left > 0) return again(left);
  await hand.remove(JOBS.bucket, job, { propagationPolicy: "Foreground" });
  return undefined;
}

/** Pods whose job is gone, or going, are held by nobody. */
async function releaseOrphans({ kube, hand }: ControllerParts, key: string): Promise<void> {
  const slash = key.indexOf("/");
  const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)];
  for (const pod of inNamespace<Pod>(kube, "pods", namespace)) {
    if (!isTracked(pod)) continue;
    const owner = controllerOf(pod);
    const isOf =
      owner === undefined ? pod.metadata.labels?.[JOB_NAME] === name : owner.kind === "Job" && owner.name === name;
    if (isOf) await release(hand, pod);
  }
}

async function release(hand: Hand, pod: Pod): Promise<void> {
  if (!isTracked(pod)) return;
  await hand.change("pods", pod, (live) => {
    const rest = (live.metadata.finalizers ?? []).filter((finalizer) => finalizer !== TRACKING);
    if (rest.length > 0) live.metadata.finalizers = rest;
    else delete live.metadata.finalizers;
    return undefined;
  });
}

async function writeStatus(hand: Hand, job: Job, status: JobStatus): Promise<void> {
  await hand.changeStatus(JOBS.bucket, job, (live) => {
    live["status"] = structuredClone(status);
    return undefined;
  });
}
