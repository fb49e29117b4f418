// The resize subresource: resources of containers change, nothing else does.
// https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/
import { type FieldError, forbidden, invalid } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { child, type Fields, has, items, text } from "../fields.ts";
import { containerResources } from "../rules/resource-rules.ts";
import { defaultPod } from "./pod-defaults.ts";
import { qualityOfService } from "./quality-of-service.ts";

const LISTS = ["containers", "initContainers"] as const;

/** The old pod with the resources that the request names, container by container. */
export function resizedPod(next: KubeObject, old: KubeObject): KubeObject {
  const spec: Fields = { ...child(old, "spec") };
  for (const list of LISTS) {
    if (!has(spec, list)) continue;
    const wanted = new Map(items(child(next, "spec"), list).map((container) => [text(container, "name"), container]));
    spec[list] = items(spec, list).map((container) => {
      const asked = wanted.get(text(container, "name"));
      if (asked === undefined) return container;
      const { resources, resizePolicy } = asked;
      return { ...container, resources, ...(resizePolicy === undefined ? {} : { resizePolicy }) };
    });
  }
  const resized: KubeObject = { ...old, metadata: { ...next.metadata }, spec };
  defaultPod(resized);
  return resized;
}

/** What is wrong with a resize. Both pods are complete. */
export function podResizeProblems(next: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(next, "spec");
  const before = child(old, "spec");
  if (text(child(before, "os"), "name") === "windows") {
    errors.push(forbidden("", "windows pods cannot be resized"));
    return errors;
  }
  for (const list of LISTS) {
    if (items(spec, list).length !== items(before, list).length) {
      errors.push(forbidden(`spec.${list}`, "containers may not be added or removed on resize"));
    }
    for (const [i, container] of items(spec, list).entries()) {
      containerResources(errors, child(container, "resources"), `spec.${list}[${i}].resources`, new Set());
    }
  }
  const quality = text(child(old, "status"), "qosClass") || qualityOfService(before);
  if (qualityOfService(spec) !== quality) {
    errors.push(invalid("spec", quality, "Pod QOS Class may not change as a result of resizing"));
  }
  return errors;
}
