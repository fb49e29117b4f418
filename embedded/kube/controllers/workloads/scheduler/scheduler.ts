import { isReason } from "@holdfast/apimachinery/meta/status-error";
import { WorkQueue } from "@holdfast/runtime/kube/work-queue";
import type { Logger } from "@holdfast/runtime/log/logger";
import { bindPod } from "../../../operations/bind-pod.ts";
import { type KubeContext, timestamp } from "../../../operations/kube-context.ts";
import type { StoreEvent } from "../../../store/object-store.ts";
import { keyOf } from "../acting/control-loop.ts";
import { createHand } from "../acting/hand.ts";
import type { Condition, Pod } from "../acting/object-types.ts";
import { createEventRecorder } from "../events/event-recorder.ts";
import { isFinished, isTerminating } from "../pods/pod-state.ts";
import { decideNode } from "./decide-node.ts";
import { NodeOccupancy } from "./node-occupancy.ts";

const NAME = "default-scheduler";

/** Gives every pod that waits for one a node. @returns a function that stops it */
export function startScheduler(kube: KubeContext, log: Logger): () => Promise<void> {
  const hand = createHand(kube, { controller: NAME, userAgent: "kube-scheduler" });
  const events = createEventRecorder(kube, log, NAME);
  const occupancy = new NodeOccupancy(kube);
  /** Pods that fitted nowhere: they are tried again when something could have made room. */
  const waiting = new Set<string>();

  const place = async (key: string): Promise<undefined> => {
    const pod = kube.store.latest("pods", key)?.object as Pod | undefined;
    waiting.delete(key);
    if (pod === undefined || !isWaiting(pod)) return undefined;
    const placement = decideNode(pod, occupancy.nodes());
    const now = timestamp(kube.now());
    if ("node" in placement) {
      if (!(await bind(kube, pod, placement.node))) return undefined;
      const { namespace, name } = pod.metadata;
      events.normal(pod, "Scheduled", `Successfully assigned ${namespace}/${name} to ${placement.node}`);
      return undefined;
    }
    waiting.add(key);
    const message = placement.unschedulable;
    const refused = unscheduled({ message, now });
    const known = pod.status?.conditions?.find((condition) => condition.type === "PodScheduled");
    if (known?.status === "False" && known.reason === refused.reason && known.message === message) return undefined;
    events.warning(pod, "FailedScheduling", message);
    await hand.changeStatus("pods", pod, (live) => {
      const { spec, status } = live as Pod;
      if ((spec.nodeName ?? "") !== "") return false;
      const others = (status?.conditions ?? []).filter((condition) => condition.type !== "PodScheduled");
      const lastTransitionTime = known?.status === "False" ? (known.lastTransitionTime ?? now) : now;
      live["status"] = { ...status, conditions: [...others, { ...refused, lastTransitionTime }] };
      return undefined;
    });
    return undefined;
  };

  // One at a time: each placement counts in the next.
  const queue = new WorkQueue(place, { name: "scheduler", log, concurrency: 1 });
  const tryAgain = () => {
    for (const key of waiting) queue.add(key);
  };
  const stops = [
    kube.store.subscribe("pods", (event) => {
      occupancy.observe(event);
      const pod = event.stored.object as Pod;
      const key = keyOf(pod);
      if (event.type === "DELETED") waiting.delete(key);
      else if (isWaiting(pod) && !isOwnNote(event)) queue.add(key);
      if ((pod.spec.nodeName ?? "") !== "" && (event.type === "DELETED" || isFinished(pod))) tryAgain();
    }),
    kube.store.subscribe("nodes", (event) => {
      if (event.type !== "DELETED") tryAgain();
    }),
  ];
  for (const [key, stored] of kube.store.bucket("pods").range("")) if (isWaiting(stored.object as Pod)) queue.add(key);
  return async () => {
    for (const stop of stops) stop();
    await queue.stop();
    await events.settle();
  };
}

function isWaiting(pod: Pod): boolean {
  const { nodeName = "", schedulerName = NAME, schedulingGates = [] } = pod.spec;
  return (
    nodeName === "" && schedulerName === NAME && schedulingGates.length === 0 && !isTerminating(pod) && !isFinished(pod)
  );
}

/** True for a change of the status alone: nothing in it decides where a pod goes. */
function isOwnNote({ previous, stored }: StoreEvent): boolean {
  if (previous === undefined) return false;
  return JSON.stringify((previous.object as Pod).spec) === JSON.stringify((stored.object as Pod).spec);
}

function unscheduled({ message, now }: { readonly message: string; readonly now: string }): Condition {
  return {
    type: "PodScheduled",
    status: "False",
    lastProbeTime: null,
    lastTransitionTime: now,
    reason: "Unschedulable",
    message,
  };
}

/** @returns false when the pod is gone, or has got a node by another hand */
async function bind(kube: KubeContext, { metadata }: Pod, node: string): Promise<boolean> {
  const { namespace = "", name = "", uid = "" } = metadata;
  try {
    await bindPod(kube, { namespace, pod: name, node, uid, dryRun: false });
    return true;
  } catch (error) {
    if (isReason(error, "NotFound") || isReason(error, "Conflict")) return false;
    throw error;
  }
}
