// Cells of networking, RBAC, storage, admission and the other groups.
import type { KubeObject } from "../../../meta/types.ts";
import { humanDuration } from "../../../table/human-duration.ts";
import { child, count, type Fields, flag, has, items, maybe, text, texts } from "../fields.ts";
import { age, firstOf, loadBalancerText, NONE, nameOf, selectorText } from "./cell-texts.ts";

export function ingressCells(object: KubeObject, nowMs: number): unknown[] {
  const spec = child(object, "spec");
  const rules = items(spec, "rules");
  const hosts = rules
    .slice(0, 3)
    .map((rule) => text(rule, "host"))
    .filter((host) => host !== "");
  const more = rules.length > 3 ? ` + ${rules.length - 3} more...` : "";
  return [
    nameOf(object),
    text(spec, "ingressClassName") || NONE,
    hosts.length === 0 ? "*" : hosts.join(",") + more,
    loadBalancerText(child(object, "status")),
    items(spec, "tls").length > 0 ? "80, 443" : "80",
    age(object, nowMs),
  ];
}

export function ingressClassCells(object: KubeObject, nowMs: number): unknown[] {
  const spec = child(object, "spec");
  const parameters = maybe(spec, "parameters");
  const group = parameters === undefined ? "" : text(parameters, "apiGroup");
  const shown =
    parameters === undefined
      ? NONE
      : `${text(parameters, "kind")}${group === "" ? "" : `.${group}`}/${text(parameters, "name")}`;
  return [nameOf(object), text(spec, "controller"), shown, age(object, nowMs)];
}

export function networkPolicyCells(object: KubeObject, nowMs: number): unknown[] {
  return [nameOf(object), selectorText(child(object, "spec"), "podSelector"), age(object, nowMs)];
}

export function endpointSliceCells(object: KubeObject, nowMs: number): unknown[] {
  const ports = items(object, "ports").map((port) =>
    has(port, "port") ? String(count(port, "port")) : text(port, "name") || "*",
  );
  const addresses = items(object, "endpoints").flatMap((endpoint) => [...texts(endpoint, "addresses")]);
  return [
    nameOf(object),
    text(object, "addressType"),
    ports.length === 0 ? "<unset>" : firstOf(ports, 3),
    addresses.length === 0 ? "<unset>" : firstOf(addresses, 3),
    age(object, nowMs),
  ];
}

export function ipAddressCells(object: KubeObject, nowMs: number): unknown[] {
  const parent = maybe(child(object, "spec"), "parentRef");
  const shown =
    parent === undefined
      ? NONE
      : [text(parent, "group"), text(parent, "resource"), text(parent, "namespace"), text(parent, "name")].join("/");
  return [nameOf(object), shown.replace(/^\//, ""), age(object, nowMs)];
}

export function serviceCidrCells(object: KubeObject, nowMs: number): unknown[] {
  return [nameOf(object), texts(child(object, "spec"), "cidrs").join(","), age(object, nowMs)];
}

/** Roles, and everything else whose table shows when it was created. */
export function createdAtCells(object: KubeObject): unknown[] {
  return [nameOf(object), object.metadata.creationTimestamp ?? null];
}

export function bindingCells(object: KubeObject, nowMs: number): unknown[] {
  const role = child(object, "roleRef");
  const subjects = items(object, "subjects");
  const names = (kind: string, shown: (subject: Fields) => string) =>
    subjects
      .filter((subject) => text(subject, "kind") === kind)
      .map(shown)
      .join(", ");
  return [
    nameOf(object),
    `${text(role, "kind")}/${text(role, "name")}`,
    age(object, nowMs),
    names("User", (s) => text(s, "name")),
    names("Group", (s) => text(s, "name")),
    names("ServiceAccount", (s) => `${text(s, "namespace")}/${text(s, "name")}`),
  ];
}

export function signingRequestCells(object: KubeObject, nowMs: number): unknown[] {
  const spec = child(object, "spec");
  const seconds = count(spec, "expirationSeconds");
  return [
    nameOf(object),
    age(object, nowMs),
    text(spec, "signerName") || NONE,
    text(spec, "username"),
    seconds > 0 ? humanDuration(seconds * 1000) : NONE,
    signingCondition(child(object, "status")),
  ];
}

function signingCondition(status: Fields): string {
  const holds = (type: string) => items(status, "conditions").some((c) => text(c, "type") === type);
  let shown = holds("Denied") ? "Denied" : holds("Approved") ? "Approved" : "Pending";
  if (holds("Failed")) shown += ",Failed";
  return text(status, "certificate") === "" ? shown : `${shown},Issued`;
}

export function leaseCells(object: KubeObject, nowMs: number): unknown[] {
  return [nameOf(object), text(child(object, "spec"), "holderIdentity"), age(object, nowMs)];
}

export function storageClassCells(object: KubeObject, nowMs: number): unknown[] {
  const isDefault =
    object.metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true" ||
    object.metadata.annotations?.["storageclass.beta.kubernetes.io/is-default-class"] === "true";
  return [
    isDefault ? `${nameOf(object)} (default)` : nameOf(object),
    text(object, "provisioner"),
    text(object, "reclaimPolicy") || "Delete",
    text(object, "volumeBindingMode") || "Immediate",
    flag(object, "allowVolumeExpansion"),
    age(object, nowMs),
  ];
}

export function volumeAttachmentCells(object: KubeObject, nowMs: number): unknown[] {
  const spec = child(object, "spec");
  return [
    nameOf(object),
    text(spec, "attacher"),
    text(child(spec, "source"), "persistentVolumeName"),
    text(spec, "nodeName"),
    flag(child(object, "status"), "attached"),
    age(object, nowMs),
  ];
}

export function csiNodeCells(object: KubeObject, nowMs: number): unknown[] {
  return [nameOf(object), items(child(object, "spec"), "drivers").length, age(object, nowMs)];
}

export function csiDriverCells(object: KubeObject, nowMs: number): unknown[] {
  const spec = child(object, "spec");
  const audiences = items(spec, "tokenRequests").map((request) => text(request, "audience"));
  return [
    nameOf(object),
    spec["attachRequired"] !== false,
    flag(spec, "podInfoOnMount"),
    flag(spec, "storageCapacity"),
    audiences.length === 0 ? "<unset>" : audiences.join(","),
    flag(spec, "requiresRepublish"),
    texts(spec, "volumeLifecycleModes").join(",") || NONE,
    age(object, nowMs),
  ];
}

export function csiStorageCapacityCells(object: KubeObject, nowMs: number): unknown[] {
  return [nameOf(object), text(object, "storageClassName"), text(object, "capacity") || "<unset>", age(object, nowMs)];
}

export function priorityClassCells(object: KubeObject, nowMs: number): unknown[] {
  return [
    nameOf(object),
    count(object, "value"),
    flag(object, "globalDefault"),
    age(object, nowMs),
    text(object, "preemptionPolicy"),
  ];
}

export function runtimeClassCells(object: KubeObject, nowMs: number): unknown[] {
  return [nameOf(object), text(object, "handler"), age(object, nowMs)];
}

export function webhookConfigurationCells(object: KubeObject, nowMs: number): unknown[] {
  return [nameOf(object), items(object, "webhooks").length, age(object, nowMs)];
}

export function admissionPolicyCells(object: KubeObject, nowMs: number): unknown[] {
  const spec = child(object, "spec");
  const kind = maybe(spec, "paramKind");
  return [
    nameOf(object),
    items(spec, "validations").length,
    kind === undefined ? "<unset>" : `${text(kind, "apiVersion")}/${text(kind, "kind")}`,
    age(object, nowMs),
  ];
}

export function admissionBindingCells(object: KubeObject, nowMs: number): unknown[] {
  const spec = child(object, "spec");
  return [nameOf(object), text(spec, "policyName"), paramText(maybe(spec, "paramRef")), age(object, nowMs)];
}

function paramText(param: Fields | undefined): string {
  if (param === undefined) return "<unset>";
  const namespace = text(param, "namespace");
  const name = text(param, "name");
  const shown = name === "" ? "*" : name;
  return namespace === "" ? shown : `${namespace}/${shown}`;
}

export function apiServiceCells(object: KubeObject, nowMs: number): unknown[] {
  const service = maybe(child(object, "spec"), "service");
  const available = items(child(object, "status"), "conditions").find((c) => text(c, "type") === "Available");
  const status = available === undefined ? "Unknown" : text(available, "status");
  const why = available === undefined || status === "True" ? "" : text(available, "reason");
  return [
    nameOf(object),
    service === undefined ? "Local" : `${text(service, "namespace")}/${text(service, "name")}`,
    why === "" ? status : `${status} (${why})`,
    age(object, nowMs),
  ];
}

export function autoscalerCells(object: KubeObject, nowMs: number): unknown[] {
  const spec = child(object, "spec");
  const status = child(object, "status");
  const target = child(spec, "scaleTargetRef");
  return [
    nameOf(object),
    `${text(target, "kind")}/${text(target, "name")}`,
    autoscalerTargets(spec, status),
    has(spec, "minReplicas") ? String(count(spec, "minReplicas")) : "<unset>",
    count(spec, "maxReplicas"),
    count(status, "currentReplicas"),
    age(object, nowMs),
  ];
}

const MAX_METRICS = 2;

function autoscalerTargets(spec: Fields, status: Fields): string {
  const metrics = items(spec, "metrics");
  if (metrics.length === 0) return NONE;
  const current = items(status, "currentMetrics");
  const shown = metrics.slice(0, MAX_METRICS).map((metric, i) => metricText(metric, current[i] ?? {}));
  const more = metrics.length - MAX_METRICS;
  return more > 0 ? `${shown.join(", ")} + ${more} more...` : shown.join(", ");
}

const METRIC_SOURCES: Readonly<Record<string, string>> = {
  Resource: "resource",
  ContainerResource: "containerResource",
  Pods: "pods",
  Object: "object",
  External: "external",
};

function metricText(metric: Fields, current: Fields): string {
  const source = METRIC_SOURCES[text(metric, "type")];
  if (source === undefined) return "<unknown type>";
  const target = child(child(metric, source), "target");
  const value = child(child(current, source), "current");
  const label =
    source === "resource" || source === "containerResource" ? `${text(child(metric, source), "name")}: ` : "";
  if (has(target, "averageUtilization")) {
    const now = has(value, "averageUtilization") ? `${count(value, "averageUtilization")}%` : "<unknown>";
    return `${label}${now}/${count(target, "averageUtilization")}%`;
  }
  if (has(target, "averageValue")) {
    return `${label}${text(value, "averageValue") || "<unknown>"}/${text(target, "averageValue")}${source === "object" || source === "external" ? " (avg)" : ""}`;
  }
  return `${label}${text(value, "value") || "<unknown>"}/${text(target, "value")}`;
}

/** Cells of a CustomResourceDefinition. */
export function definitionCells(object: KubeObject): unknown[] {
  const spec = child(object, "spec");
  const names = child(spec, "names");
  const served = items(spec, "versions").filter((version) => flag(version, "served"));
  const established = items(child(object, "status"), "conditions").find((c) => text(c, "type") === "Established");
  return [
    nameOf(object),
    text(spec, "scope"),
    served.map((version) => `${text(version, "name")}${flag(version, "storage") ? "(storage)" : ""}`).join(","),
    object.metadata.creationTimestamp ?? null,
    text(spec, "group"),
    text(names, "kind"),
    texts(names, "shortNames").join(","),
    established !== undefined && text(established, "status") === "True",
  ];
}
