// The Endpoints of a service: one object, its addresses grouped by the ports they serve.
// https://kubernetes.io/docs/concepts/services-networking/service/#endpoints
import type { JsonObject } from "@holdfast/apimachinery/meta/types";
import type { Pod } from "../acting/object-types.ts";
import { isFinished, isReady, isTerminating } from "../pods/pod-state.ts";
import { addressesOf, type EndpointPort, hostnameOf, isHeadless, portsOn, type Service } from "./service-types.ts";

/** More addresses than this are left out: the object would grow too large to be sent to every watcher. */
const MAX_ADDRESSES = 1000;

interface Subset {
  readonly ports: readonly EndpointPort[];
  readonly ready: JsonObject[];
  readonly notReady: JsonObject[];
}

/** spec of Endpoints: the `subsets` for these pods. */
export function decideSubsets(service: Service, pods: readonly Pod[]): JsonObject[] {
  const family = service.spec.ipFamilies?.[0] ?? "IPv4";
  const always = service.spec.publishNotReadyAddresses === true;
  const byPorts = new Map<string, Subset>();
  let count = 0;
  for (const pod of [...pods].sort(byName)) {
    const [ip] = addressesOf(pod, family);
    if (ip === undefined || isFinished(pod) || (isTerminating(pod) && !always)) continue;
    const ports = portsOn(pod, service);
    if (ports.length === 0 && !(isHeadless(service) && (service.spec.ports ?? []).length === 0)) continue;
    if (++count > MAX_ADDRESSES) break;
    const key = JSON.stringify(ports);
    let subset = byPorts.get(key);
    if (subset === undefined) {
      subset = { ports, ready: [], notReady: [] };
      byPorts.set(key, subset);
    }
    (always || isReady(pod) ? subset.ready : subset.notReady).push(addressOf(pod, service, ip));
  }
  return [...byPorts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { ready, notReady, ports }]) => ({
      ...(ready.length === 0 ? {} : { addresses: ready }),
      ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
      ...(ports.length === 0
        ? {}
        : { ports: ports.map(({ name, ...port }) => ({ ...(name === "" ? {} : { name }), ...port })) }),
    }));
}

function byName(a: Pod, b: Pod): number {
  return (a.metadata.name as string) < (b.metadata.name as string) ? -1 : 1;
}

function addressOf(pod: Pod, service: Service, ip: string): JsonObject {
  const hostname = hostnameOf(pod, service);
  const { nodeName = "" } = pod.spec;
  return {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === "" ? {} : { nodeName }),
    targetRef: podReference(pod),
  };
}

/** core/v1 ObjectReference of a pod behind a service. */
export function podReference({ metadata }: Pod): JsonObject {
  return {
    kind: "Pod",
    namespace: metadata.namespace as string,
    name: metadata.name as string,
    uid: metadata.uid as string,
  };
}
