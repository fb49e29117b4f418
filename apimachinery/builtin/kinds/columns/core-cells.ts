// Cells of the kinds of the core group and of their kin in other groups.
import type { KubeObject } from "../../../meta/types.ts";
import { ageOf } from "../../../table/human-duration.ts";
import { child, count, type Fields, flag, has, items, maybe, text, textMap, texts } from "../fields.ts";
import { age, firstOf, labelsText, loadBalancerText, NONE, nameOf } from "./cell-texts.ts";

function entries(object: KubeObject, name: string): number {
  return Object.keys(child(object, name)).length;
}

export function configMapCells(object: KubeObject, nowMs: number): unknown[] {
  return [nameOf(object), entries(object, "data") + entries(object, "binaryData"), age(object, nowMs)];
}

export function secretCells(object: KubeObject, nowMs: number): unknown[] {
  return [nameOf(object), text(object, "type"), entries(object, "data"), age(object, nowMs)];
}

export function namespaceCells(object: KubeObject, nowMs: number): unknown[] {
  return [nameOf(object), text(child(object, "status"), "phase"), age(object, nowMs)];
}

export function serviceAccountCells(object: KubeObject, nowMs: number): unknown[] {
  return [nameOf(object), items(object, "secrets").length, age(object, nowMs)];
}

export function serviceCells(object: KubeObject, nowMs: number): unknown[] {
  const spec = child(object, "spec");
  const ports = items(spec, "ports").map((port) => {
    const nodePort = count(port, "nodePort");
    return `${count(port, "port")}${nodePort > 0 ? `:${nodePort}` : ""}/${text(port, "protocol")}`;
  });
  return [
    nameOf(object),
    text(spec, "type"),
    text(spec, "clusterIP") || NONE,
    externalIP(spec, child(object, "status")),
    ports.join(",") || NONE,
    age(object, nowMs),
    labelsText(textMap(spec, "selector")),
  ];
}

function externalIP(spec: Fields, status: Fields): string {
  const fixed = texts(spec, "externalIPs");
  switch (text(spec, "type")) {
    case "ClusterIP":
    case "NodePort":
      return fixed.join(",") || NONE;
    case "LoadBalancer":
      return [loadBalancerText(status), ...fixed].filter((part) => part !== "").join(",") || "<pending>";
    case "ExternalName":
      return text(spec, "externalName");
    default:
      return "<unknown>";
  }
}

export function endpointsCells(object: KubeObject, nowMs: number): unknown[] {
  const subsets = items(object, "subsets");
  const all = subsets.flatMap((subset) => {
    const addresses = items(subset, "addresses");
    const ports = items(subset, "ports");
    if (ports.length === 0) return addresses.map((address) => text(address, "ip"));
    return ports.flatMap((port) => addresses.map((address) => hostPort(text(address, "ip"), count(port, "port"))));
  });
  return [nameOf(object), subsets.length === 0 ? NONE : firstOf(all, 3), age(object, nowMs)];
}

function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

const ROLE_PREFIX = "node-role.kubernetes.io/";

export function nodeCells(object: KubeObject, nowMs: number): unknown[] {
  const status = child(object, "status");
  const info = child(status, "nodeInfo");
  const address = (type: string) => {
    const found = items(status, "addresses").find((a) => text(a, "type") === type);
    return found === undefined ? NONE : text(found, "address");
  };
  return [
    nameOf(object),
    nodeStatus(object, status),
    nodeRoles(object.metadata.labels ?? {}),
    age(object, nowMs),
    text(info, "kubeletVersion"),
    address("InternalIP"),
    address("ExternalIP"),
    text(info, "osImage") || "<unknown>",
    text(info, "kernelVersion") || "<unknown>",
    text(info, "containerRuntimeVersion") || "<unknown>",
  ];
}

function nodeStatus(object: KubeObject, status: Fields): string {
  const ready = items(status, "conditions").find((c) => text(c, "type") === "Ready");
  const shown = [ready === undefined ? "Unknown" : text(ready, "status") === "True" ? "Ready" : "NotReady"];
  if (flag(child(object, "spec"), "unschedulable")) shown.push("SchedulingDisabled");
  return shown.join(",");
}

function nodeRoles(labels: Readonly<Record<string, string>>): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(labels)) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) roles.add(key.slice(ROLE_PREFIX.length));
    else if (key === "kubernetes.io/role" && value !== "") roles.add(value);
  }
  return [...roles].sort().join(",") || NONE;
}

const ACCESS_MODES: readonly (readonly [string, string])[] = [
  ["ReadWriteOnce", "RWO"],
  ["ReadOnlyMany", "ROX"],
  ["ReadWriteMany", "RWX"],
  ["ReadWriteOncePod", "RWOP"],
];

function accessModes(modes: readonly string[]): string {
  return ACCESS_MODES.filter(([mode]) => modes.includes(mode))
    .map(([, short]) => short)
    .join(",");
}

const BETA_CLASS = "volume.beta.kubernetes.io/storage-class";

function storageClass(object: KubeObject): string {
  return object.metadata.annotations?.[BETA_CLASS] ?? text(child(object, "spec"), "storageClassName");
}

function unsetUnless(value: string): string {
  return value === "" ? "<unset>" : value;
}

export function volumeClaimCells(object: KubeObject, nowMs: number): unknown[] {
  const spec = child(object, "spec");
  const status = child(object, "status");
  const phase = object.metadata.deletionTimestamp === undefined ? text(status, "phase") : "Terminating";
  const bound = text(spec, "volumeName") !== "";
  return [
    nameOf(object),
    phase,
    text(spec, "volumeName"),
    bound ? text(child(status, "capacity"), "storage") : "",
    bound ? accessModes(texts(status, "accessModes")) : "",
    storageClass(object),
    unsetUnless(text(spec, "volumeAttributesClassName")),
    age(object, nowMs),
    unsetUnless(text(spec, "volumeMode")),
  ];
}

export function volumeCells(object: KubeObject, nowMs: number): unknown[] {
  const spec = child(object, "spec");
  const status = child(object, "status");
  const claim = maybe(spec, "claimRef");
  return [
    nameOf(object),
    text(child(spec, "capacity"), "storage") || "0",
    accessModes(texts(spec, "accessModes")),
    text(spec, "persistentVolumeReclaimPolicy"),
    object.metadata.deletionTimestamp === undefined ? text(status, "phase") : "Terminating",
    claim === undefined ? "" : `${text(claim, "namespace")}/${text(claim, "name")}`,
    storageClass(object),
    unsetUnless(text(spec, "volumeAttributesClassName")),
    text(status, "reason"),
    age(object, nowMs),
    unsetUnless(text(spec, "volumeMode")),
  ];
}

export function resourceQuotaCells(object: KubeObject, nowMs: number): unknown[] {
  const status = child(object, "status");
  const hard = textMap(status, "hard");
  const used = textMap(status, "used");
  const requests: string[] = [];
  const limits: string[] = [];
  for (const name of Object.keys(hard).sort()) {
    const list = name === "limits" || name.startsWith("limits.") ? limits : requests;
    list.push(`${name}: ${used[name] ?? "0"}/${hard[name]}`);
  }
  return [nameOf(object), requests.join(", "), limits.join(", "), age(object, nowMs)];
}

/** Cells of an Event, which may be in either of its two versions. */
export function eventCells(object: KubeObject, nowMs: number): unknown[] {
  const core = has(object, "involvedObject");
  const involved = child(object, core ? "involvedObject" : "regarding");
  const first = core ? object["firstTimestamp"] : object["deprecatedFirstTimestamp"];
  const last = core ? object["lastTimestamp"] : object["deprecatedLastTimestamp"];
  const series = maybe(object, "series");
  const times = core ? "count" : "deprecatedCount";
  const firstSeen = eventAge(first ?? object["eventTime"], nowMs);
  const lastSeen = series === undefined ? (last ?? undefined) : series["lastObservedTime"];
  const kind = text(involved, "kind").toLowerCase();
  const name = text(involved, "name");
  return [
    lastSeen === undefined ? firstSeen : eventAge(lastSeen, nowMs),
    text(object, "type"),
    text(object, "reason"),
    name === "" ? kind : `${kind}/${name}`,
    text(involved, "fieldPath"),
    eventSource(child(object, core ? "source" : "deprecatedSource"), object, core),
    text(object, core ? "message" : "note").trim(),
    firstSeen,
    series === undefined ? count(object, times) || 1 : count(series, "count"),
    nameOf(object),
  ];
}

function eventAge(time: unknown, nowMs: number): string {
  return ageOf(time, nowMs);
}

function eventSource(source: Fields, object: KubeObject, core: boolean): string {
  const component = text(source, "component") || text(object, core ? "reportingComponent" : "reportingController");
  const host = text(source, "component") === "" ? text(object, "reportingInstance") : text(source, "host");
  return host === "" ? component : `${component}, ${host}`;
}
