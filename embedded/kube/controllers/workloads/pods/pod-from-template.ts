import type { KubeObject, OwnerReference } from "@holdfast/apimachinery/meta/types";
import { dns1123Subdomain } from "@holdfast/apimachinery/schema/name-rules";
import type { PodTemplate } from "../acting/object-types.ts";

/** The reference by which an object controls its children. */
export function controllerReference(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name as string,
    uid: owner.metadata.uid as string,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** A pod as a template describes it, controlled by `owner`, with a generated name. Nothing in it is shared with the template. */
export function podFromTemplate(owner: KubeObject, template: PodTemplate): KubeObject {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    kind: "Pod",
    apiVersion: "v1",
    metadata: {
      generateName: namePrefix(owner.metadata.name as string),
      namespace: owner.metadata.namespace as string,
      labels: { ...labels },
      annotations: { ...annotations },
      ownerReferences: [controllerReference(owner)],
      ...(finalizers === undefined ? {} : { finalizers: [...finalizers] }),
    },
    spec: structuredClone(template.spec),
  };
}

/** `web-`; without the hyphen where that would be no name. */
function namePrefix(name: string): string {
  const prefix = `${name}-`;
  return dns1123Subdomain(`${prefix}a`).length === 0 ? prefix : name;
}
