import type { KubeObject, OwnerReference } from "@holdfast/apimachinery/meta/types";
import type { Pod, PodTemplate } from "../acting/object-types.ts";
import { podFromTemplate } from "../pods/pod-from-template.ts";
import { REVISION_LABEL } from "../revisions/controller-revision.ts";
import type { NewMember } from "./decide-stateful-set.ts";
import type { StatefulSet } from "./stateful-set-types.ts";

/** A member of a set: a name that lasts, a hostname, and volumes of its own. */
export function statefulPod(set: StatefulSet, template: PodTemplate, { ordinal, revision }: NewMember): KubeObject {
  const pod = podFromTemplate(set, template);
  const name = `${set.metadata.name}-${ordinal}`;
  const { generateName: _none, ...metadata } = pod.metadata;
  const spec = pod["spec"] as Record<string, unknown> & { volumes?: { name: string }[] };
  const claims = (set.spec.volumeClaimTemplates ?? []).map((claim) => claim.metadata.name as string);
  const volumes = [
    ...claims.map((claim) => ({ name: claim, persistentVolumeClaim: { claimName: `${claim}-${name}` } })),
    ...(spec.volumes ?? []).filter((volume) => !claims.includes(volume.name)),
  ];
  const { serviceName = "" } = set.spec;
  return {
    ...pod,
    metadata: {
      ...metadata,
      name,
      labels: {
        ...metadata.labels,
        "statefulset.kubernetes.io/pod-name": name,
        "apps.kubernetes.io/pod-index": String(ordinal),
        [REVISION_LABEL]: revision,
      },
    },
    spec: {
      ...spec,
      hostname: name,
      ...(serviceName === "" ? {} : { subdomain: serviceName }),
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  };
}

/** The claims for the volumes of one member. */
export function claimsOf(set: StatefulSet, ordinal: number): KubeObject[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template) => ({
    kind: "PersistentVolumeClaim",
    apiVersion: "v1",
    metadata: {
      name: `${template.metadata.name}-${set.metadata.name}-${ordinal}`,
      namespace: set.metadata.namespace as string,
      labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
      ...(template.metadata.annotations === undefined ? {} : { annotations: { ...template.metadata.annotations } }),
    },
    spec: structuredClone(template.spec),
  }));
}

/**
 * Whose deletion takes a claim with it, as the retention policy says: the set's, or for a member that is scaled away the pod's. Other
 * owners of the claim are kept.
 *
 * @param pod - the member, when it is there
 * @param condemned - it is beyond the range of the set
 */
export function claimOwners(
  set: StatefulSet,
  owners: readonly OwnerReference[],
  { pod, condemned }: { readonly pod: Pod | undefined; readonly condemned: boolean },
): OwnerReference[] {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const ours = (reference: OwnerReference) =>
    reference.uid === set.metadata.uid || (reference.kind === "Pod" && reference.uid === pod?.metadata.uid);
  const kept = owners.filter((reference) => !ours(reference));
  const toPod = condemned && whenScaled === "Delete" && pod !== undefined;
  // A claim that goes with its pod must not wait for the set.
  if (toPod) return [...kept, referenceTo(pod)];
  return whenDeleted === "Delete" ? [...kept, referenceTo(set)] : kept;
}

function referenceTo({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  return { apiVersion, kind, name: metadata.name as string, uid: metadata.uid as string };
}
