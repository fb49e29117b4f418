// The EndpointSlices of a service: at most 100 endpoints in each, changed as little as possible.
// https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import type { JsonObject, KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Pod } from "../acting/object-types.ts";
import { isFinished, isReady, isTerminating } from "../pods/pod-state.ts";
import { podReference } from "./decide-endpoints.ts";
import { addressesOf, type EndpointPort, hostnameOf, portsOn, type Service } from "./service-types.ts";

const MAX_ENDPOINTS = 100;

/** An EndpointSlice as it is stored. */
export interface Slice extends KubeObject {
  readonly addressType: string;
  readonly endpoints?: readonly JsonObject[] | null;
  readonly ports?: readonly EndpointPort[] | null;
}

export interface SliceContent {
  readonly addressType: string;
  readonly endpoints: readonly JsonObject[];
  readonly ports: readonly EndpointPort[];
}

export interface SlicePlan {
  readonly create: readonly SliceContent[];
  readonly update: readonly { readonly slice: Slice; readonly content: SliceContent }[];
  readonly remove: readonly Slice[];
}

/** Node -> its zone, where it has one. */
export type Zones = (node: string) => string | undefined;

/** Everything that stands behind a service, grouped by family and ports. A family with nothing behind it has one empty group. */
export function groupEndpoints(service: Service, pods: readonly Pod[], zoneOf: Zones): SliceContent[] {
  const groups: SliceContent[] = [];
  for (const addressType of service.spec.ipFamilies ?? ["IPv4"]) {
    const byPorts = new Map<string, { ports: readonly EndpointPort[]; endpoints: JsonObject[] }>();
    for (const pod of pods) {
      const addresses = addressesOf(pod, addressType);
      if (addresses.length === 0 || isFinished(pod)) continue;
      const ports = portsOn(pod, service);
      const key = JSON.stringify(ports);
      const group = byPorts.get(key) ?? { ports, endpoints: [] };
      byPorts.set(key, group);
      group.endpoints.push(endpointOf(pod, service, { addresses, zoneOf }));
    }
    if (byPorts.size === 0) groups.push({ addressType, endpoints: [], ports: [] });
    for (const group of byPorts.values()) groups.push({ addressType, ...group });
  }
  return groups;
}

function endpointOf(
  pod: Pod,
  service: Service,
  { addresses, zoneOf }: { readonly addresses: string[]; readonly zoneOf: Zones },
): JsonObject {
  const serving = isReady(pod);
  const terminating = isTerminating(pod);
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = hostnameOf(pod, service);
  const { nodeName = "" } = pod.spec;
  const zone = nodeName === "" ? undefined : zoneOf(nodeName);
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: podReference(pod),
    ...(nodeName === "" ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
  };
}

/** How the slices that are there become those that are wanted. */
export function decideSlices(groups: readonly SliceContent[], existing: readonly Slice[]): SlicePlan {
  const create: SliceContent[] = [];
  const update: { slice: Slice; content: SliceContent }[] = [];
  const remove = new Set(existing);
  for (const group of groups) {
    const own = existing.filter((slice) => slice.addressType === group.addressType && samePorts(slice, group));
    for (const slice of own) remove.delete(slice);
    const plan = fill(group, own);
    create.push(...plan.create);
    update.push(...plan.update);
    for (const slice of plan.remove) remove.add(slice);
  }
  return { create, update, remove: [...remove] };
}

function samePorts(slice: Slice, { ports }: SliceContent): boolean {
  return jsonEqual(slice.ports ?? [], ports);
}

function fill(group: SliceContent, own: readonly Slice[]): SlicePlan {
  const wanted = new Map(group.endpoints.map((endpoint) => [endpointKey(endpoint), endpoint]));
  const filled = own.map((slice) => {
    const kept: JsonObject[] = [];
    for (const endpoint of slice.endpoints ?? []) {
      const key = endpointKey(endpoint);
      const next = wanted.get(key);
      if (next === undefined) continue;
      wanted.delete(key);
      kept.push(next);
    }
    return { slice, endpoints: kept };
  });
  const left = [...wanted.values()];
  // Slices that change anyway take the new ones first; of these the fullest.
  const byRoom = [...filled].sort(
    (a, b) => Number(changed(b)) - Number(changed(a)) || b.endpoints.length - a.endpoints.length,
  );
  for (const { endpoints } of byRoom) endpoints.push(...left.splice(0, MAX_ENDPOINTS - endpoints.length));
  const create: SliceContent[] = [];
  while (left.length > 0) create.push({ ...group, endpoints: left.splice(0, MAX_ENDPOINTS) });
  if (group.endpoints.length === 0 && own.length === 0) create.push(group);
  const empty = filled.filter(({ endpoints }) => endpoints.length === 0);
  // A service with nothing behind it keeps one empty slice, so that this can be told from "not yet known".
  const placeholder = group.endpoints.length === 0 ? empty[0] : undefined;
  const update = filled
    .filter((slice) => (slice.endpoints.length > 0 || slice === placeholder) && changed(slice))
    .map(({ slice, endpoints }) => ({ slice, content: { ...group, endpoints } }));
  return { create, update, remove: empty.filter((slice) => slice !== placeholder).map(({ slice }) => slice) };
}

function changed({ slice, endpoints }: { readonly slice: Slice; readonly endpoints: readonly JsonObject[] }): boolean {
  return !jsonEqual(slice.endpoints ?? [], endpoints);
}

function endpointKey(endpoint: JsonObject): string {
  const target = endpoint["targetRef"] as { readonly uid?: string } | undefined;
  return `${target?.uid ?? ""} ${JSON.stringify(endpoint["addresses"])}`;
}
