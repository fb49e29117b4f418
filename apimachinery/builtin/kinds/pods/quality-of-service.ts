// Quality of service: https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
import { quantityNano } from "../decode/quantity.ts";
import { child, type Fields, items, textMap } from "../fields.ts";

const COUNTED = ["cpu", "memory"] as const;

/** The class of a pod, from the requests and limits of its containers or, where it has them, of itself. */
export function qualityOfService(spec: Fields): "Guaranteed" | "Burstable" | "BestEffort" {
  const own = child(spec, "resources");
  const holders = isSet(own) ? [own] : containersOf(spec).map((container) => child(container, "resources"));
  const asks = holders.some((resources) => isSet(resources));
  if (!asks) return "BestEffort";
  return holders.every(isGuaranteed) ? "Guaranteed" : "Burstable";
}

function containersOf(spec: Fields): Fields[] {
  return [...items(spec, "containers"), ...items(spec, "initContainers")];
}

function isSet(resources: Fields): boolean {
  return ["requests", "limits"].some((name) =>
    COUNTED.some((resource) => quantityNano(textMap(resources, name)[resource]) > 0n),
  );
}

function isGuaranteed(resources: Fields): boolean {
  const requests = textMap(resources, "requests");
  const limits = textMap(resources, "limits");
  return COUNTED.every((name) => {
    const limit = quantityNano(limits[name]);
    return limit > 0n && (requests[name] === undefined || quantityNano(requests[name]) === limit);
  });
}
