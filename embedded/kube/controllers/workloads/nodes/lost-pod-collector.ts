import type { Logger } from "@holdfast/runtime/log/logger";
import { type KubeContext, timestamp } from "../../../operations/kube-context.ts";
import { again, startControlLoop } from "../acting/control-loop.ts";
import { createHand } from "../acting/hand.ts";
import type { Condition, Pod } from "../acting/object-types.ts";
import { isFinished } from "../pods/pod-state.ts";

/** A node that is gone may come back in this time: it may only have registered anew. */
const QUARANTINE_MS = 40_000;

export interface CollectorOptions {
  /** Milliseconds that a node may be gone. Default 40000. */
  readonly quarantineMs?: number;
}

/** Deletes the pods of nodes that are gone: nobody else will. @returns a function that stops it */
export function startLostPodCollector(
  kube: KubeContext,
  log: Logger,
  options: CollectorOptions = {},
): () => Promise<void> {
  const quarantineMs = options.quarantineMs ?? QUARANTINE_MS;
  const hand = createHand(kube, { controller: "pod-garbage-collector" });
  /** Node -> when it was missed first. */
  const missedSince = new Map<string, number>();
  const podsOf = function* (node: string): Generator<string> {
    for (const [key, { object }] of kube.store.bucket("pods").range(""))
      if ((object as Pod).spec.nodeName === node) yield key;
  };
  return startControlLoop(kube, log, {
    name: "lost-pods",
    bucket: "pods",
    async reconcile(key) {
      const pod = kube.store.latest("pods", key)?.object as Pod | undefined;
      const node = pod?.spec.nodeName ?? "";
      if (pod === undefined || node === "") return undefined;
      if (kube.store.latest("nodes", node) !== undefined) {
        missedSince.delete(node);
        return undefined;
      }
      const since = missedSince.get(node) ?? kube.now();
      missedSince.set(node, since);
      const left = since + quarantineMs - kube.now();
      if (left > 0) return again(left);
      if (!isFinished(pod)) {
        const lost: Condition = {
          type: "DisruptionTarget",
          status: "True",
          lastProbeTime: null,
          lastTransitionTime: timestamp(kube.now()),
          reason: "DeletionByPodGC",
          message: "PodGC: node no longer exists",
        };
        // Whoever counts the pod has to see how it ended.
        await hand.changeStatus("pods", pod, (live) => {
          const status = (live as Pod).status ?? {};
          live["status"] = { ...status, phase: "Failed", conditions: [...(status.conditions ?? []), lost] };
          return undefined;
        });
      }
      await hand.remove("pods", pod, { gracePeriodSeconds: 0 });
      if (podsOf(node).next().done === true) missedSince.delete(node);
      return undefined;
    },
    related: [
      {
        bucket: "nodes",
        keys: ({ type, stored }) => (type === "MODIFIED" ? [] : podsOf(stored.object.metadata.name as string)),
      },
    ],
  });
}
