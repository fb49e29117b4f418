import type { Logger } from "@holdfast/runtime/log/logger";
import { type KubeContext, timestamp } from "../../../operations/kube-context.ts";
import { startControlLoop } from "../acting/control-loop.ts";
import { createHand } from "../acting/hand.ts";
import type { Node } from "../acting/object-types.ts";
import { decideConditionTaints } from "./condition-taints.ts";

/** Says the conditions of nodes in taints, which is what pods can tolerate. @returns a function that stops it */
export function startNodeTaintController(kube: KubeContext, log: Logger): () => Promise<void> {
  const hand = createHand(kube, { controller: "node-controller" });
  return startControlLoop(kube, log, {
    name: "node-taints",
    bucket: "nodes",
    async reconcile(key) {
      const node = kube.store.latest("nodes", key)?.object as Node | undefined;
      if (node === undefined || decideConditionTaints(node, timestamp(kube.now())) === undefined) return undefined;
      await hand.change("nodes", node, (live) => {
        const taints = decideConditionTaints(live as Node, timestamp(kube.now()));
        if (taints === undefined) return false;
        live["spec"] = { ...(live["spec"] as object), taints };
        return undefined;
      });
      return undefined;
    },
  });
}
