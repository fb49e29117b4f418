import type { Requeue } from "@holdfast/runtime/kube/work-queue";
import type { Logger } from "@holdfast/runtime/log/logger";
import type { KubeContext } from "../../../operations/kube-context.ts";
import { createEventRecorder, type EventRecorder } from "../events/event-recorder.ts";
import { type Related, startControlLoop } from "./control-loop.ts";
import { createHand, type Hand } from "./hand.ts";

/** What the controller of a workload acts with, under its own name. */
export interface ControllerParts {
  readonly kube: KubeContext;
  readonly hand: Hand;
  readonly events: EventRecorder;
}

export interface WorkloadController {
  /** `deployment-controller`: the name of its ServiceAccount, its events and its queue. */
  readonly name: string;
  /** Bucket of the objects whose keys are worked on. */
  readonly bucket: string;
  reconcile(parts: ControllerParts, key: string): Promise<Requeue | undefined>;
  readonly related: readonly Related[];
}

/** Runs the controller of a kind of workload. @returns a function that stops it, and waits for the events it is writing */
export function startWorkloadController(
  kube: KubeContext,
  log: Logger,
  { name, bucket, reconcile, related }: WorkloadController,
): () => Promise<void> {
  const parts: ControllerParts = {
    kube,
    hand: createHand(kube, { controller: name }),
    events: createEventRecorder(kube, log, name),
  };
  const stop = startControlLoop(kube, log, { name, bucket, reconcile: (key) => reconcile(parts, key), related });
  return async () => {
    await stop();
    await parts.events.settle();
  };
}
