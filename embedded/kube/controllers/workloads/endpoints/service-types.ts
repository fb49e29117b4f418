import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Pod } from "../acting/object-types.ts";

export interface ServicePort {
  readonly name?: string;
  readonly protocol?: string;
  readonly port: number;
  readonly targetPort?: number | string;
  readonly appProtocol?: string;
}

export interface Service extends KubeObject {
  readonly spec: {
    readonly type?: string;
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly ServicePort[];
    readonly clusterIP?: string;
    readonly ipFamilies?: readonly string[];
    readonly publishNotReadyAddresses?: boolean;
  };
}

/** A port as an endpoint serves it. */
export interface EndpointPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly appProtocol?: string;
}

/** True when pods stand behind the service by its selector. */
export function hasSelector({ spec }: Service): boolean {
  return spec.type !== "ExternalName" && spec.selector !== undefined && Object.keys(spec.selector).length > 0;
}

export function selects({ spec }: Service, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(spec.selector ?? {}).every(([key, value]) => labels[key] === value);
}

export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === "None";
}

/** The ports of a service as this pod serves them; those whose name the pod does not know are left out. */
export function portsOn(pod: Pod, { spec }: Service): EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const port of spec.ports ?? []) {
    const number = targetPort(pod, port);
    if (number === undefined) continue;
    const { name = "", protocol = "TCP", appProtocol } = port;
    ports.push({ name, port: number, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) });
  }
  return ports.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.port - b.port));
}

function targetPort(pod: Pod, { port, targetPort, protocol = "TCP" }: ServicePort): number | undefined {
  if (typeof targetPort === "number") return targetPort;
  if (targetPort === undefined || targetPort === "") return port;
  const sidecars = (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === "Always");
  for (const container of [...(pod.spec.containers ?? []), ...sidecars]) {
    for (const own of container.ports ?? []) {
      if (own.name === targetPort && (own.protocol ?? "TCP") === protocol) return own.containerPort;
    }
  }
  return undefined;
}

/** The addresses of a pod of one family. */
export function addressesOf(pod: Pod, family: string): string[] {
  const all = (pod.status?.podIPs ?? []).map(({ ip }) => ip ?? "");
  if (all.length === 0 && pod.status?.podIP !== undefined) all.push(pod.status.podIP);
  return all.filter((ip) => ip !== "" && (ip.includes(":") ? "IPv6" : "IPv4") === family);
}

/** The name that the pod has within the service; undefined when it asks for none. */
export function hostnameOf(pod: Pod, service: Service): string | undefined {
  const { hostname = "", subdomain = "" } = pod.spec;
  return hostname !== "" && subdomain === service.metadata.name ? hostname : undefined;
}
