// What a Service keeps and what it gives up when it is written. Pure: addresses and ports are given elsewhere.

import { jsonEqual } from "../../../meta/json-equal.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { child, count, type Fields, has, items, text, texts } from "../fields.ts";
import { isExternallyAccessible, isHeadless } from "./service-rules.ts";

/** clusterIP and clusterIPs say the same; address families are settled. For a new Service. */
export function settleNewService(object: KubeObject): void {
  const spec = child(object, "spec");
  const addresses = texts(spec, "clusterIPs");
  if (text(spec, "clusterIP") !== "" && addresses.length === 0) spec["clusterIPs"] = [text(spec, "clusterIP")];
  else if (text(spec, "clusterIP") === "" && addresses.length > 0) spec["clusterIP"] = addresses[0];
  settleFamilies(spec);
}

/** A headless Service without a selector may have endpoints of both families; all others are of the cluster's one. */
function settleFamilies(spec: Fields): void {
  if (text(spec, "type") === "ExternalName") return;
  const bare = isHeadless(spec) && Object.keys(child(spec, "selector")).length === 0;
  if (!has(spec, "ipFamilyPolicy")) {
    const both = bare && texts(spec, "ipFamilies").length === 0;
    spec["ipFamilyPolicy"] = both || texts(spec, "ipFamilies").length > 1 ? "RequireDualStack" : "SingleStack";
  }
  if (texts(spec, "ipFamilies").length === 0) {
    const both = bare && text(spec, "ipFamilyPolicy") !== "SingleStack";
    spec["ipFamilies"] = both ? ["IPv4", "IPv6"] : ["IPv4"];
  }
}

/** Carries over what was given to the old Service, and drops what the new type has no use for. */
export function settleChangedService(next: KubeObject, old: KubeObject): void {
  const spec = child(next, "spec");
  const before = child(old, "spec");
  settleAddresses(spec, before);
  dropForType(spec, before);
  if (needsAddress(before) && needsAddress(spec)) {
    if (text(spec, "clusterIP") === "" && has(before, "clusterIP")) spec["clusterIP"] = before["clusterIP"];
    if (texts(spec, "clusterIPs").length === 0 && text(spec, "clusterIP") === text(before, "clusterIP")) {
      keep(spec, before, "clusterIPs");
    }
  }
  if (needsNodePorts(before) && needsNodePorts(spec)) keepNodePorts(spec, before);
  if (needsHealthPort(before) && needsHealthPort(spec) && count(spec, "healthCheckNodePort") === 0) {
    keep(spec, before, "healthCheckNodePort");
  }
  settleFamilies(spec);
}

/** Changing one of the two fields changes the other. */
function settleAddresses(spec: Fields, before: Fields): void {
  const same = jsonEqual(texts(spec, "clusterIPs"), texts(before, "clusterIPs"));
  const now = text(spec, "clusterIP");
  if (now === text(before, "clusterIP")) {
    if (!same) {
      const first = texts(spec, "clusterIPs")[0];
      if (first === undefined) delete spec["clusterIP"];
      else spec["clusterIP"] = first;
    }
  } else if (same || texts(spec, "clusterIPs").length === 0) {
    if (now === "") delete spec["clusterIPs"];
    else spec["clusterIPs"] = [now];
  }
}

function needsAddress(spec: Fields): boolean {
  return text(spec, "type") !== "ExternalName";
}

function needsNodePorts(spec: Fields): boolean {
  return text(spec, "type") === "NodePort" || text(spec, "type") === "LoadBalancer";
}

function needsHealthPort(spec: Fields): boolean {
  return text(spec, "type") === "LoadBalancer" && text(spec, "externalTrafficPolicy") === "Local";
}

/** Members that the caller has not touched go away with the type that needed them. */
function dropForType(spec: Fields, before: Fields): void {
  const drop = (...names: string[]) => {
    for (const name of names) if (jsonEqual(spec[name], before[name])) delete spec[name];
  };
  if (needsAddress(before) && !needsAddress(spec)) {
    drop("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy");
  }
  if (needsNodePorts(before) && !needsNodePorts(spec) && sameNodePorts(spec, before)) {
    for (const port of items(spec, "ports")) delete port["nodePort"];
  }
  if (needsHealthPort(before) && !needsHealthPort(spec)) drop("healthCheckNodePort");
  if (text(spec, "type") !== "LoadBalancer") drop("allocateLoadBalancerNodePorts", "loadBalancerClass");
  if (isExternallyAccessible(before) && !isExternallyAccessible(spec)) drop("externalTrafficPolicy");
}

function sameNodePorts(spec: Fields, before: Fields): boolean {
  const ports = (of: Fields) =>
    new Set(
      items(of, "ports")
        .map((port) => count(port, "nodePort"))
        .filter((p) => p !== 0),
    );
  const was = ports(before);
  return [...ports(spec)].every((port) => was.has(port));
}

function keepNodePorts(spec: Fields, before: Fields): void {
  const used = new Set(items(spec, "ports").map((port) => count(port, "nodePort")));
  const given = new Map(items(before, "ports").map((port) => [pairOf(port), count(port, "nodePort")]));
  for (const port of items(spec, "ports")) {
    const was = given.get(pairOf(port)) ?? 0;
    if (count(port, "nodePort") !== 0 || was === 0 || used.has(was)) continue;
    port["nodePort"] = was;
    used.add(was);
  }
}

function pairOf(port: Fields): string {
  return `${text(port, "protocol")}/${count(port, "port")}`;
}

function keep(spec: Fields, before: Fields, name: string): void {
  if (before[name] !== undefined) spec[name] = before[name];
}
