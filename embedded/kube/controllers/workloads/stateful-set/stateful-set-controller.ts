import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import { conflict, isReason } from "@holdfast/apimachinery/meta/status-error";
import type { Requeue } from "@holdfast/runtime/kube/work-queue";
import type { Logger } from "@holdfast/runtime/log/logger";
import type { KubeContext } from "../../../operations/kube-context.ts";
import { earliest } from "../acting/control-loop.ts";
import type { Pod } from "../acting/object-types.ts";
import { isNamespaceLeaving, messageOf } from "../acting/reasons.ts";
import { type ControllerParts, startWorkloadController } from "../acting/workload-controller.ts";
import { decideClaims, settleClaims } from "../ownership/claim.ts";
import { childrenOf, inNamespace, type OwnerKind } from "../ownership/owner-keys.ts";
import { REVISION_LABEL, REVISIONS, revisionsToForget, templateOf } from "../revisions/controller-revision.ts";
import { type SettledRevisions, settleRevision } from "../revisions/settle-revision.ts";
import { decideStatefulSet, type NewMember, type StatefulObserved, type StatefulPlan } from "./decide-stateful-set.ts";
import { claimOwners, claimsOf, statefulPod } from "./stateful-pod.ts";
import { firstOrdinal, ordinalOf, type StatefulSet } from "./stateful-set-types.ts";

const SETS: OwnerKind = { bucket: "statefulsets.apps", kind: "StatefulSet", apiGroup: "apps" };
const CLAIMS = "persistentvolumeclaims";

/** Gives StatefulSets their members, each with a name and volumes that last. @returns a function that stops it */
export function startStatefulSetController(kube: KubeContext, log: Logger): () => Promise<void> {
  return startWorkloadController(kube, log, {
    name: "statefulset-controller",
    bucket: SETS.bucket,
    reconcile,
    related: [childrenOf(kube, "pods", SETS), childrenOf(kube, REVISIONS, SETS)],
  });
}

async function reconcile(parts: ControllerParts, key: string): Promise<Requeue> {
  const { kube } = parts;
  const set = kube.store.latest(SETS.bucket, key)?.object as StatefulSet | undefined;
  if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
  try {
    const revisions = await settleRevision(kube, parts.hand, {
      owner: set,
      hashLabel: "controller.kubernetes.io/hash",
    });
    const observed = await gather(parts, set, revisions);
    const plan = decideStatefulSet(observed, kube.now());
    try {
      await act(parts, set, { plan, revisions });
      await keepClaims(parts, observed);
    } finally {
      const after = await gather(parts, set, revisions);
      await writeStatus(parts, after, revisions);
    }
    await forget(parts, observed, revisions);
    return earliest(plan.againMs);
  } catch (error) {
    if (isNamespaceLeaving(error)) return undefined;
    throw error;
  }
}

async function gather(
  { kube, hand }: ControllerParts,
  set: StatefulSet,
  { all, update }: SettledRevisions,
): Promise<StatefulObserved> {
  const candidates = inNamespace<Pod>(kube, "pods", set.metadata.namespace as string);
  const mayAdopt = (pod: Pod) => ordinalOf(set, pod) !== undefined;
  const claims = decideClaims(set, candidates, { selector: set.spec.selector, mayAdopt });
  const pods = await settleClaims(hand, "pods", { owner: set, claims });
  const updateRevision = update.metadata.name as string;
  const known = all.some((revision) => revision.metadata.name === set.status?.currentRevision);
  return {
    set,
    pods: pods.filter((pod) => ordinalOf(set, pod) !== undefined),
    currentRevision: known ? (set.status?.currentRevision as string) : updateRevision,
    updateRevision,
  };
}

interface Acting {
  readonly plan: StatefulPlan;
  readonly revisions: SettledRevisions;
}

async function act(parts: ControllerParts, set: StatefulSet, { plan, revisions }: Acting): Promise<void> {
  for (const { pod, why } of plan.remove) {
    if (why === "Failed" || why === "Succeeded") {
      const reason = why === "Failed" ? "RecreatingFailedPod" : "RecreatingTerminatedPod";
      const message = `StatefulSet ${set.metadata.namespace}/${set.metadata.name} is recreating ${why.toLowerCase()} Pod ${pod.metadata.name}`;
      parts.events.warning(set, reason, message);
    }
    if (why === "scale")
      await settleOwners(parts, set, { ordinal: ordinalOf(set, pod) as number, pod, condemned: true });
    if (await parts.hand.remove("pods", pod)) {
      const message = `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`;
      parts.events.normal(set, "SuccessfulDelete", message);
    }
  }
  const outcomes = await Promise.allSettled(plan.create.map((member) => create(parts, set, { member, revisions })));
  const refused = outcomes.find((outcome) => outcome.status === "rejected");
  if (refused !== undefined) throw refused.reason;
}

interface Creation {
  readonly member: NewMember;
  readonly revisions: SettledRevisions;
}

async function create(parts: ControllerParts, set: StatefulSet, { member, revisions }: Creation): Promise<void> {
  const { hand, events } = parts;
  const revision = revisions.all.find((own) => own.metadata.name === member.revision) ?? revisions.update;
  const pod = statefulPod(set, templateOf(revision), member);
  const { name } = pod.metadata;
  try {
    await createClaims(parts, set, { ordinal: member.ordinal, pod: name as string });
    await hand.create("pods", pod);
    events.normal(set, "SuccessfulCreate", `create Pod ${name} in StatefulSet ${set.metadata.name} successful`);
  } catch (error) {
    if (!isNamespaceLeaving(error)) {
      const message = `create Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${messageOf(error)}`;
      events.warning(set, "FailedCreate", message);
    }
    throw error;
  }
}

async function createClaims(
  { kube, hand, events }: ControllerParts,
  set: StatefulSet,
  { ordinal, pod }: { readonly ordinal: number; readonly pod: string },
): Promise<void> {
  for (const claim of claimsOf(set, ordinal)) {
    const { name } = claim.metadata;
    const existing = kube.store.latest(CLAIMS, `${claim.metadata.namespace}/${name}`)?.object;
    if (existing?.metadata.deletionTimestamp !== undefined) {
      // A pod on a claim that is going would keep it from going.
      throw conflict({ group: "", resource: CLAIMS }, name as string, "it is being deleted");
    }
    if (existing !== undefined) continue;
    const owners = claimOwners(set, [], { pod: undefined, condemned: false });
    if (owners.length > 0) claim.metadata.ownerReferences = owners;
    try {
      await hand.create(CLAIMS, claim);
    } catch (error) {
      if (isReason(error, "AlreadyExists")) continue;
      throw error;
    }
    const message = `create Claim ${name} Pod ${pod} in StatefulSet ${set.metadata.name} success`;
    events.normal(set, "SuccessfulCreate", message);
  }
}

/** The owners of the claims of all members are what the retention policy says now. */
async function keepClaims(parts: ControllerParts, { set, pods }: StatefulObserved): Promise<void> {
  const first = firstOrdinal(set);
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod) as number;
    const condemned = ordinal < first || ordinal >= first + set.spec.replicas;
    await settleOwners(parts, set, { ordinal, pod, condemned });
  }
}

interface Member {
  readonly ordinal: number;
  readonly pod: Pod;
  readonly condemned: boolean;
}

async function settleOwners(
  { kube, hand }: ControllerParts,
  set: StatefulSet,
  { ordinal, pod, condemned }: Member,
): Promise<void> {
  for (const { metadata } of claimsOf(set, ordinal)) {
    const claim = kube.store.latest(CLAIMS, `${metadata.namespace}/${metadata.name}`)?.object;
    if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) continue;
    const before = claim.metadata.ownerReferences ?? [];
    const owners = claimOwners(set, before, { pod, condemned });
    if (jsonEqual(before, owners)) continue;
    await hand.change(CLAIMS, claim, (live) => {
      const next = claimOwners(set, live.metadata.ownerReferences ?? [], { pod, condemned });
      if (next.length > 0) live.metadata.ownerReferences = next;
      else delete live.metadata.ownerReferences;
      return undefined;
    });
  }
}

async function writeStatus(
  { hand, kube }: ControllerParts,
  observed: StatefulObserved,
  { collisionCount }: SettledRevisions,
): Promise<void> {
  const { status } = decideStatefulSet(observed, kube.now());
  await hand.changeStatus(SETS.bucket, observed.set, (live) => {
    live["status"] = { ...status, ...(collisionCount === undefined ? {} : { collisionCount }) };
    return undefined;
  });
}

async function forget(
  { hand }: ControllerParts,
  { set, pods, currentRevision, updateRevision }: StatefulObserved,
  { all }: SettledRevisions,
): Promise<void> {
  const live = new Set([currentRevision, updateRevision]);
  for (const pod of pods) live.add(pod.metadata.labels?.[REVISION_LABEL] ?? "");
  for (const revision of revisionsToForget(all, live, set.spec.revisionHistoryLimit ?? 10))
    await hand.remove(REVISIONS, revision);
}
