// HorizontalPodAutoscalers as autoscaling/v1 shows them: what that version cannot say stands in annotations.

import { isObject } from "../../../meta/own-members.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { autoscalerCells } from "../columns/other-cells.ts";
import { child, type Fields, has, items, maybe, setDefault, text } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { autoscalerProblems, defaultAutoscaler } from "./autoscaler.ts";

const METRICS = "autoscaling.alpha.kubernetes.io/metrics";
const CURRENT = "autoscaling.alpha.kubernetes.io/current-metrics";
const CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions";
const BEHAVIOR = "autoscaling.alpha.kubernetes.io/behavior";

/** Horizontal pod autoscalers of autoscaling/v1. */
export const oldAutoscalerBehaviour: KindBehaviour = {
  defaults(object) {
    setDefault(child(object, "spec"), "minReplicas", 1);
  },
  validate: (object) => autoscalerProblems(fromOld(object)),
  convert: toOld,
  toStorage: fromOld,
  cells: (object, nowMs) => autoscalerCells(fromOld(object), nowMs),
};

function toOld(stored: KubeObject): KubeObject {
  if (stored.apiVersion === "autoscaling/v1") return stored;
  const spec = child(stored, "spec");
  const status = child(stored, "status");
  const metrics = [...items(spec, "metrics")];
  const at = metrics.findIndex(isCpuUtilization);
  const cpu = at < 0 ? undefined : metrics.splice(at, 1)[0];
  const current = items(status, "currentMetrics");
  const currentCpu = current.find((metric) => isCpuUtilization(metric, "current"));
  const annotations: Record<string, string> = {
    ...stored.metadata.annotations,
    ...(metrics.length > 0 ? { [METRICS]: JSON.stringify(metrics.map(toOldMetric)) } : {}),
    ...(current.length > 0 ? { [CURRENT]: JSON.stringify(current) } : {}),
    ...(items(status, "conditions").length > 0 ? { [CONDITIONS]: JSON.stringify(status["conditions"]) } : {}),
    ...(has(spec, "behavior") ? { [BEHAVIOR]: JSON.stringify(capitalized(spec["behavior"])) } : {}),
  };
  return {
    apiVersion: "autoscaling/v1",
    kind: stored.kind,
    metadata: { ...stored.metadata, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    spec: {
      scaleTargetRef: spec["scaleTargetRef"],
      ...pick(spec, ["minReplicas", "maxReplicas"]),
      ...(cpu === undefined ? {} : { targetCPUUtilizationPercentage: utilization(cpu, "target") }),
    },
    status: {
      ...pick(status, ["observedGeneration", "lastScaleTime"]),
      currentReplicas: status["currentReplicas"] ?? 0,
      desiredReplicas: status["desiredReplicas"] ?? 0,
      ...(currentCpu === undefined ? {} : { currentCPUUtilizationPercentage: utilization(currentCpu, "current") }),
    },
  };
}

function fromOld(served: KubeObject): KubeObject {
  if (served.apiVersion === "autoscaling/v2") return served;
  const spec = child(served, "spec");
  const status = child(served, "status");
  const {
    [METRICS]: metrics,
    [CURRENT]: current,
    [CONDITIONS]: conditions,
    [BEHAVIOR]: behavior,
    ...annotations
  } = served.metadata.annotations ?? {};
  const percentage = spec["targetCPUUtilizationPercentage"];
  const cpu = { type: "Utilization", averageUtilization: percentage };
  const rules = parsed(behavior);
  const all = [
    ...parsedList(metrics).map(fromOldMetric),
    ...(typeof percentage === "number" ? [{ type: "Resource", resource: { name: "cpu", target: cpu } }] : []),
  ];
  const { annotations: _, ...metadata } = served.metadata;
  const object: KubeObject = {
    apiVersion: "autoscaling/v2",
    kind: served.kind,
    metadata: { ...metadata, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    spec: {
      scaleTargetRef: spec["scaleTargetRef"],
      ...pick(spec, ["minReplicas", "maxReplicas"]),
      ...(all.length === 0 ? {} : { metrics: all }),
      ...(isObject(rules) ? { behavior: lowered(rules) } : {}),
    },
    status: {
      ...pick(status, ["observedGeneration", "lastScaleTime"]),
      ...(status["currentReplicas"] ? { currentReplicas: status["currentReplicas"] } : {}),
      desiredReplicas: status["desiredReplicas"] ?? 0,
      currentMetrics: parsedList(current).length > 0 ? parsedList(current) : null,
      ...(parsedList(conditions).length > 0 ? { conditions: parsedList(conditions) } : {}),
    },
  };
  defaultAutoscaler(object);
  return object;
}

function isCpuUtilization(metric: Fields, part: string | number = "target"): boolean {
  if (text(metric, "type") !== "Resource" || text(child(metric, "resource"), "name") !== "cpu") return false;
  return utilization(metric, typeof part === "string" ? part : "target") !== undefined;
}

function utilization(metric: Fields, part: string): unknown {
  return child(child(metric, "resource"), part)["averageUtilization"];
}

/** A resource metric of v2 in the words of v1's annotations. */
function toOldMetric(metric: Fields): Fields {
  const resource = maybe(metric, "resource");
  if (resource === undefined) return metric;
  const target = child(resource, "target");
  return {
    type: metric["type"],
    resource: {
      name: resource["name"],
      ...(has(target, "averageUtilization") ? { targetAverageUtilization: target["averageUtilization"] } : {}),
      ...(has(target, "averageValue") ? { targetAverageValue: target["averageValue"] } : {}),
    },
  };
}

function fromOldMetric(metric: Fields): Fields {
  const resource = maybe(metric, "resource");
  if (resource === undefined || has(resource, "target")) return metric;
  const used = resource["targetAverageUtilization"];
  const target =
    used === undefined
      ? { type: "AverageValue", averageValue: resource["targetAverageValue"] }
      : { type: "Utilization", averageUtilization: used };
  return { type: metric["type"], resource: { name: resource["name"], target } };
}

/** Annotations come from clients: what is no JSON list is no list. */
function parsed(json: string | undefined): unknown {
  if (json === undefined) return [];
  try {
    return JSON.parse(json);
  } catch {
    return [];
  }
}

function parsedList(json: string | undefined): Fields[] {
  const value = parsed(json);
  return Array.isArray(value) ? (value.filter((item) => isObject(item)) as Fields[]) : [];
}

function pick(from: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.filter((name) => has(from, name)).map((name) => [name, from[name]]));
}

/** The annotation has the names of the original's own struct. */
function capitalized(value: unknown): unknown {
  return renamed(value, (key) => key.charAt(0).toUpperCase() + key.slice(1));
}

function lowered(value: unknown): unknown {
  return renamed(value, (key) => key.charAt(0).toLowerCase() + key.slice(1));
}

function renamed(value: unknown, rename: (key: string) => string, depth = 0): unknown {
  if (typeof value !== "object" || value === null || depth > 8) return value;
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename, depth + 1));
  const entries = Object.entries(value).map(([key, item]) => [rename(key), renamed(item, rename, depth + 1)]);
  return Object.fromEntries(entries);
}
