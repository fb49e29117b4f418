import type { Logger } from "@holdfast/runtime/log/logger";
import type { KubeContext } from "../../../operations/kube-context.ts";
import type { StoreEvent } from "../../../store/object-store.ts";
import { startControlLoop } from "../acting/control-loop.ts";
import { createHand } from "../acting/hand.ts";
import type { Pod } from "../acting/object-types.ts";
import { inNamespace } from "../ownership/owner-keys.ts";
import { isFinished } from "../pods/pod-state.ts";

const CLAIMS = "persistentvolumeclaims";
const PROTECTION = "kubernetes.io/pvc-protection";

/** Lets claims that are being deleted go once no pod uses them. @returns a function that stops it */
export function startClaimProtection(kube: KubeContext, log: Logger): () => Promise<void> {
  const hand = createHand(kube, { controller: "pvc-protection-controller" });
  return startControlLoop(kube, log, {
    name: "claim-protection",
    bucket: CLAIMS,
    async reconcile(key) {
      const claim = kube.store.latest(CLAIMS, key)?.object;
      if (claim?.metadata.deletionTimestamp === undefined) return undefined;
      if (claim.metadata.finalizers?.includes(PROTECTION) !== true) return undefined;
      const { name, namespace } = claim.metadata;
      const pods = inNamespace<Pod>(kube, "pods", namespace as string);
      if (pods.some((pod) => !isFinished(pod) && claimsUsedBy(pod).includes(name as string))) return undefined;
      await hand.change(CLAIMS, claim, (live) => {
        const rest = (live.metadata.finalizers ?? []).filter((finalizer) => finalizer !== PROTECTION);
        if (rest.length > 0) live.metadata.finalizers = rest;
        else delete live.metadata.finalizers;
        return undefined;
      });
      return undefined;
    },
    related: [{ bucket: "pods", keys: claimsFreed }],
  });
}

function claimsFreed({ type, stored }: StoreEvent): string[] {
  const pod = stored.object as Pod;
  if (type !== "DELETED" && !isFinished(pod)) return [];
  return claimsUsedBy(pod).map((name) => `${pod.metadata.namespace}/${name}`);
}

function claimsUsedBy(pod: Pod): string[] {
  const names: string[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    const claim = volume["persistentVolumeClaim"] as { readonly claimName?: string } | undefined;
    if (claim?.claimName !== undefined) names.push(claim.claimName);
    if (volume["ephemeral"] !== undefined) names.push(`${pod.metadata.name}-${String(volume["name"])}`);
  }
  return names;
}
