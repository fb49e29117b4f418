import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import type { JsonObject, KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Logger } from "@holdfast/runtime/log/logger";
import { type KubeContext, timestamp } from "../../../operations/kube-context.ts";
import type { StoreEvent } from "../../../store/object-store.ts";
import { startControlLoop } from "../acting/control-loop.ts";
import { createHand, type Hand } from "../acting/hand.ts";
import { isNamespaceLeaving } from "../acting/reasons.ts";
import { controllerOf } from "../ownership/claim.ts";
import { inNamespace } from "../ownership/owner-keys.ts";
import { controllerReference } from "../pods/pod-from-template.ts";
import { decideSlices, groupEndpoints, type Slice, type SliceContent } from "./decide-slices.ts";
import { CHANGED_AT, HEADLESS, podsBehind, podsOf } from "./endpoints-controller.ts";
import { hasSelector, isHeadless, type Service } from "./service-types.ts";

const SLICES = "endpointslices.discovery.k8s.io";
const SERVICE_NAME = "kubernetes.io/service-name";
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
const MANAGER = "endpointslice-controller.k8s.io";
const ZONE = "topology.kubernetes.io/zone";

/** Keeps the EndpointSlices of every service with a selector. @returns a function that stops it */
export function startEndpointSliceController(kube: KubeContext, log: Logger): () => Promise<void> {
  const hand = createHand(kube, { controller: "endpointslice-controller" });
  return startControlLoop(kube, log, {
    name: "endpoint-slices",
    bucket: "services",
    async reconcile(key) {
      await reconcile(kube, hand, key);
      return undefined;
    },
    related: [podsBehind(kube), { bucket: SLICES, keys: serviceOf }],
  });
}

function serviceOf({ stored }: StoreEvent): string[] {
  const { labels, namespace } = stored.object.metadata;
  const service = labels?.[SERVICE_NAME];
  return service === undefined || labels?.[MANAGED_BY] !== MANAGER ? [] : [`${namespace}/${service}`];
}

async function reconcile(kube: KubeContext, hand: Hand, key: string): Promise<void> {
  const service = kube.store.latest("services", key)?.object as Service | undefined;
  // The slices of a deleted service are collected with it.
  if (service === undefined || !hasSelector(service) || service.metadata.deletionTimestamp !== undefined) return;
  const { name = "", namespace = "" } = service.metadata;
  const existing = inNamespace<Slice>(kube, SLICES, namespace).filter(
    ({ metadata }) =>
      metadata.labels?.[SERVICE_NAME] === name &&
      metadata.labels[MANAGED_BY] === MANAGER &&
      metadata.deletionTimestamp === undefined,
  );
  const zoneOf = (node: string) => kube.store.bucket("nodes").get(node)?.object.metadata.labels?.[ZONE];
  const plan = decideSlices(groupEndpoints(service, podsOf(kube, service), zoneOf), existing);
  const labels = labelsOf(service);
  const changedAt = timestamp(kube.now());
  try {
    for (const content of plan.create) await hand.create(SLICES, newSlice(service, { content, labels, changedAt }));
  } catch (error) {
    if (!isNamespaceLeaving(error)) throw error;
    return;
  }
  for (const { slice, content } of plan.update) {
    await hand.change(SLICES, slice, (live) => {
      live["endpoints"] = structuredClone(content.endpoints);
      live.metadata.labels = { ...labels };
      live.metadata.annotations = { ...live.metadata.annotations, [CHANGED_AT]: changedAt };
      return undefined;
    });
  }
  for (const slice of plan.remove) await hand.remove(SLICES, slice);
  const gone = new Set([...plan.remove, ...plan.update.map(({ slice }) => slice)]);
  for (const slice of existing) {
    if (gone.has(slice)) continue;
    const owned = controllerOf(slice)?.uid === service.metadata.uid;
    if (owned && jsonEqual(slice.metadata.labels ?? {}, labels)) continue;
    await hand.change(SLICES, slice, (live) => {
      live.metadata.labels = { ...labels };
      live.metadata.ownerReferences = [controllerReference(service)];
      return undefined;
    });
  }
}

interface NewSlice {
  readonly content: SliceContent;
  readonly labels: Readonly<Record<string, string>>;
  readonly changedAt: string;
}

function newSlice(service: Service, { content, labels, changedAt }: NewSlice): KubeObject {
  return {
    kind: "EndpointSlice",
    apiVersion: "discovery.k8s.io/v1",
    metadata: {
      generateName: `${service.metadata.name}-`,
      namespace: service.metadata.namespace as string,
      labels: { ...labels },
      annotations: { [CHANGED_AT]: changedAt },
      ownerReferences: [controllerReference(service)],
    },
    addressType: content.addressType,
    endpoints: structuredClone(content.endpoints) as JsonObject[],
    ports: content.ports.map((port) => ({ ...port })),
  };
}

function labelsOf(service: Service): Record<string, string> {
  const { [HEADLESS]: _headless, [SERVICE_NAME]: _name, [MANAGED_BY]: _by, ...labels } = service.metadata.labels ?? {};
  return {
    ...labels,
    [SERVICE_NAME]: service.metadata.name as string,
    [MANAGED_BY]: MANAGER,
    ...(isHeadless(service) ? { [HEADLESS]: "" } : {}),
  };
}
