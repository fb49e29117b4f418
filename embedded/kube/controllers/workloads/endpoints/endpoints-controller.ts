import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Logger } from "@holdfast/runtime/log/logger";
import { type KubeContext, timestamp } from "../../../operations/kube-context.ts";
import type { StoreEvent } from "../../../store/object-store.ts";
import { keyOf, type Related, startControlLoop } from "../acting/control-loop.ts";
import { createHand, type Hand } from "../acting/hand.ts";
import type { Pod } from "../acting/object-types.ts";
import { isNamespaceLeaving } from "../acting/reasons.ts";
import { inNamespace } from "../ownership/owner-keys.ts";
import { decideSubsets } from "./decide-endpoints.ts";
import { hasSelector, isHeadless, type Service, selects } from "./service-types.ts";

const MANAGED_BY = "endpoints.kubernetes.io/managed-by";
export const CHANGED_AT = "endpoints.kubernetes.io/last-change-trigger-time";
export const HEADLESS = "service.kubernetes.io/headless";

/** Keeps the Endpoints of every service with a selector. @returns a function that stops it */
export function startEndpointsController(kube: KubeContext, log: Logger): () => Promise<void> {
  const hand = createHand(kube, { controller: "endpoint-controller" });
  return startControlLoop(kube, log, {
    name: "endpoints",
    bucket: "services",
    async reconcile(key) {
      await reconcile(kube, hand, key);
      return undefined;
    },
    related: [podsBehind(kube), { bucket: "endpoints", keys: (event) => [keyOf(event.stored.object)] }],
  });
}

/** Watches pods for the services that select or selected them. */
export function podsBehind(kube: KubeContext): Related {
  return { bucket: "pods", keys: (event) => servicesConcerned(kube, event) };
}

function servicesConcerned(kube: KubeContext, { previous, stored }: StoreEvent): string[] {
  const states = [previous, stored].filter((state) => state !== undefined).map((state) => state.object);
  const keys: string[] = [];
  for (const [key, { object }] of kube.store.bucket("services").range(stored.object.metadata.namespace as string)) {
    const service = object as Service;
    if (hasSelector(service) && states.some((pod) => selects(service, pod.metadata.labels ?? {}))) keys.push(key);
  }
  return keys;
}

/** The pods that a service selects. */
export function podsOf(kube: KubeContext, service: Service): Pod[] {
  const pods = inNamespace<Pod>(kube, "pods", service.metadata.namespace as string);
  return pods.filter((pod) => selects(service, pod.metadata.labels ?? {}));
}

async function reconcile(kube: KubeContext, hand: Hand, key: string): Promise<void> {
  const service = kube.store.latest("services", key)?.object as Service | undefined;
  const existing = kube.store.latest("endpoints", key)?.object;
  if (service === undefined) {
    // Endpoints without a service may be somebody else's.
    if (existing?.metadata.labels?.[MANAGED_BY] !== undefined) await hand.remove("endpoints", existing);
    return;
  }
  if (!hasSelector(service) || service.metadata.deletionTimestamp !== undefined) return;
  const subsets = decideSubsets(service, podsOf(kube, service));
  const labels = labelsOf(service);
  const annotations = { [CHANGED_AT]: timestamp(kube.now()) };
  if (existing === undefined) {
    const { name = "", namespace = "" } = service.metadata;
    const made: KubeObject = {
      kind: "Endpoints",
      apiVersion: "v1",
      metadata: { name, namespace, labels, annotations },
      subsets,
    };
    await hand.create("endpoints", made).catch((error: unknown) => {
      if (!isNamespaceLeaving(error)) throw error;
    });
    return;
  }
  const same = jsonEqual(existing["subsets"] ?? [], subsets) && jsonEqual(existing.metadata.labels ?? {}, labels);
  if (same) return;
  await hand.change("endpoints", existing, (live) => {
    live["subsets"] = structuredClone(subsets);
    live.metadata.labels = { ...labels };
    live.metadata.annotations = { ...live.metadata.annotations, ...annotations };
    return undefined;
  });
}

function labelsOf(service: Service): Record<string, string> {
  const { [HEADLESS]: _own, ...labels } = service.metadata.labels ?? {};
  return {
    ...labels,
    [MANAGED_BY]: "endpoint-controller",
    ...(isHeadless(service) ? { [HEADLESS]: "" } : {}),
  };
}
