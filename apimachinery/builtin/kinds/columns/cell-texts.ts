// Texts that several tables show: lists of containers, labels, selectors, ages.
import type { KubeObject } from "../../../meta/types.ts";
import { ageOf, humanDuration } from "../../../table/human-duration.ts";
import { child, type Fields, items, text, textMap, texts } from "../fields.ts";

export const NONE = "<none>";

export function nameOf(object: KubeObject): string {
  return object.metadata.name ?? "";
}

/** Age of the object. */
export function age(object: KubeObject, nowMs: number): string {
  return ageOf(object.metadata.creationTimestamp, nowMs);
}

/** Names and images of the containers of a pod template, as two cells. */
export function containerCells(podSpec: Fields): [string, string] {
  const containers = items(podSpec, "containers");
  return [containers.map((c) => text(c, "name")).join(","), containers.map((c) => text(c, "image")).join(",")];
}

/** `a=b,c=d` in order of keys; `<none>` for none. */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  const keys = Object.keys(labels).sort();
  return keys.length === 0 ? NONE : keys.map((key) => `${key}=${labels[key]}`).join(",");
}

/** A metav1.LabelSelector in the form of the query parameter. */
export function selectorText(parent: Fields | KubeObject, name: string): string {
  const selector = (parent as Fields)[name];
  if (selector === undefined || selector === null) return NONE;
  const parts: { readonly key: string; readonly text: string }[] = [];
  const labels = textMap(selector as Fields, "matchLabels");
  for (const key of Object.keys(labels)) parts.push({ key, text: `${key}=${labels[key]}` });
  for (const expression of items(selector as Fields, "matchExpressions")) {
    const key = text(expression, "key");
    parts.push({ key, text: requirementText(key, text(expression, "operator"), texts(expression, "values")) });
  }
  if (parts.length === 0) return NONE;
  parts.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return parts.map((part) => part.text).join(",");
}

function requirementText(key: string, operator: string, values: readonly string[]): string {
  const list = `(${[...values].sort().join(",")})`;
  switch (operator) {
    case "In":
      return `${key} in ${list}`;
    case "NotIn":
      return `${key} notin ${list}`;
    case "DoesNotExist":
      return `!${key}`;
    default:
      return key;
  }
}

/** `a, b` when few, `a, b + 2 more...` otherwise. */
export function firstOf(all: readonly string[], max: number, separator = ","): string {
  const shown = all.slice(0, max).join(separator);
  return all.length > max ? `${shown} + ${all.length - max} more...` : shown;
}

/** Time between two RFC 3339 times. */
export function durationBetween(start: string, end: string | undefined, nowMs: number): string {
  return humanDuration((end === undefined ? nowMs : Date.parse(end)) - Date.parse(start));
}

/** Addresses of a load balancer, each once, in order. */
export function loadBalancerText(status: Fields): string {
  const addresses = items(child(status, "loadBalancer"), "ingress").map((i) => text(i, "ip") || text(i, "hostname"));
  return [...new Set(addresses.filter((address) => address !== ""))].sort().join(",");
}
