import type { Logger } from "@holdfast/runtime/log/logger";
import type { KubeContext } from "../../operations/kube-context.ts";
import { startCronJobController } from "./cron-job/cron-job-controller.ts";
import { startDaemonSetController } from "./daemon-set/daemon-set-controller.ts";
import { startDeploymentController } from "./deployment/deployment-controller.ts";
import { startDisruptionController } from "./disruption-budget/disruption-controller.ts";
import { startEndpointSliceController } from "./endpoints/endpoint-slice-controller.ts";
import { startEndpointsController } from "./endpoints/endpoints-controller.ts";
import { startEventExpiry } from "./events/event-expiry.ts";
import { startJobController } from "./job/job-controller.ts";
import { startLostPodCollector } from "./nodes/lost-pod-collector.ts";
import { startNodeTaintController } from "./nodes/node-taint-controller.ts";
import { startReplicaSetController } from "./replica-set/replica-set-controller.ts";
import { startScheduler } from "./scheduler/scheduler.ts";
import { startStatefulSetController } from "./stateful-set/stateful-set-controller.ts";
import { startClaimProtection } from "./volumes/claim-protection.ts";

const CONTROLLERS: readonly ((kube: KubeContext, log: Logger) => () => Promise<void>)[] = [
  startEventExpiry,
  startNodeTaintController,
  startLostPodCollector,
  startReplicaSetController,
  startDeploymentController,
  startJobController,
  startCronJobController,
  startStatefulSetController,
  startDaemonSetController,
  startClaimProtection,
  startDisruptionController,
  startEndpointsController,
  startEndpointSliceController,
];

export interface WorkloadOptions {
  /** False leaves pods without a node, for whoever brings a scheduler. Default true. */
  readonly scheduler?: boolean;
}

/**
 * Starts what a cluster does with workloads: the scheduler and the controllers of ReplicaSets, Deployments, StatefulSets, DaemonSets,
 * Jobs, CronJobs, Endpoints and PodDisruptionBudgets, and what keeps them tidy: taints of nodes, pods of nodes that are gone, claims
 * in use, old events.
 *
 * @returns a function that stops them and waits for what is under way
 */
export function startWorkloadControllers(
  kube: KubeContext,
  log: Logger,
  options: WorkloadOptions = {},
): () => Promise<void> {
  const stops = CONTROLLERS.map((start) => start(kube, log));
  if (options.scheduler !== false) stops.push(startScheduler(kube, log));
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}
