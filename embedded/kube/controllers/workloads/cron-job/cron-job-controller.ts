import { isReason } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Requeue } from "@holdfast/runtime/kube/work-queue";
import type { Logger } from "@holdfast/runtime/log/logger";
import type { KubeContext } from "../../../operations/kube-context.ts";
import { earliest } from "../acting/control-loop.ts";
import { isNamespaceLeaving, messageOf } from "../acting/reasons.ts";
import { type ControllerParts, startWorkloadController } from "../acting/workload-controller.ts";
import { JOBS } from "../job/job-controller.ts";
import type { Job } from "../job/job-types.ts";
import { controllerOf } from "../ownership/claim.ts";
import { childrenOf, inNamespace, type OwnerKind } from "../ownership/owner-keys.ts";
import { controllerReference } from "../pods/pod-from-template.ts";
import type { CronJob, CronJobStatus } from "./cron-job-types.ts";
import { type CronPlan, decideCronJob, referenceTo, rfc3339, SCHEDULED_AT } from "./decide-cron-job.ts";

const CRON_JOBS: OwnerKind = { bucket: "cronjobs.batch", kind: "CronJob", apiGroup: "batch" };

/** Starts the jobs of CronJobs when they are due. @returns a function that stops it */
export function startCronJobController(kube: KubeContext, log: Logger): () => Promise<void> {
  return startWorkloadController(kube, log, {
    name: "cronjob-controller",
    bucket: CRON_JOBS.bucket,
    reconcile,
    related: [childrenOf(kube, JOBS.bucket, CRON_JOBS)],
  });
}

async function reconcile(parts: ControllerParts, key: string): Promise<Requeue> {
  const { kube, hand, events } = parts;
  const cron = kube.store.latest(CRON_JOBS.bucket, key)?.object as CronJob | undefined;
  if (cron === undefined || cron.metadata.deletionTimestamp !== undefined) return undefined;
  const jobs = inNamespace<Job>(kube, JOBS.bucket, cron.metadata.namespace as string).filter(
    (job) => controllerOf(job)?.uid === cron.metadata.uid,
  );
  const plan = decideCronJob(cron, jobs, kube.now());
  for (const { type, reason, message } of plan.says)
    (type === "Normal" ? events.normal : events.warning)(cron, reason, message);
  for (const job of [...plan.replace, ...plan.forget]) {
    if (await hand.remove(JOBS.bucket, job, { propagationPolicy: "Background" }))
      events.normal(cron, "SuccessfulDelete", `Deleted job ${job.metadata.name}`);
  }
  const status = plan.start === undefined ? plan.status : await start(parts, cron, { plan, at: plan.start });
  await hand.changeStatus(CRON_JOBS.bucket, cron, (live) => {
    live["status"] = structuredClone(status);
    return undefined;
  });
  return earliest(plan.againMs);
}

interface Start {
  readonly plan: CronPlan;
  readonly at: number;
}

/** Starts the job that is due. @returns the status with it in it */
async function start(parts: ControllerParts, cron: CronJob, { plan, at }: Start): Promise<CronJobStatus> {
  const { kube, hand, events } = parts;
  const gone = new Set(plan.replace.map(({ metadata }) => metadata.uid));
  const active = (plan.status.active ?? []).filter(({ uid }) => !gone.has(uid));
  const job = newJob(cron, at);
  const started = { ...plan.status, lastScheduleTime: rfc3339(at) };
  try {
    const made = await hand.create(JOBS.bucket, job);
    events.normal(cron, "SuccessfulCreate", `Created job ${made.metadata.name}`);
    return { ...started, active: [...active, referenceTo(made as Job)] };
  } catch (error) {
    if (isNamespaceLeaving(error)) return plan.status;
    if (isReason(error, "AlreadyExists")) {
      // The name says for which time the job is: ours from before a crash has been started, and is in the count already.
      const taken = kube.store.latest(JOBS.bucket, `${job.metadata.namespace}/${job.metadata.name}`)?.object;
      if (taken !== undefined && controllerOf(taken)?.uid === cron.metadata.uid) return { ...started, active };
    }
    events.warning(cron, "FailedCreate", `Error creating job: ${messageOf(error)}`);
    throw error;
  }
}

function newJob(cron: CronJob, at: number): KubeObject {
  const { metadata, spec } = cron.spec.jobTemplate;
  return {
    kind: "Job",
    apiVersion: "batch/v1",
    metadata: {
      name: `${cron.metadata.name}-${Math.floor(at / 60_000)}`,
      namespace: cron.metadata.namespace as string,
      labels: { ...metadata?.labels },
      annotations: { ...metadata?.annotations, [SCHEDULED_AT]: rfc3339(at) },
      ownerReferences: [controllerReference(cron)],
    },
    spec: structuredClone(spec),
  };
}
