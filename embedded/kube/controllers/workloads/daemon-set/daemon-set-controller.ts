import type { Requeue } from "@holdfast/runtime/kube/work-queue";
import type { Logger } from "@holdfast/runtime/log/logger";
import type { KubeContext } from "../../../operations/kube-context.ts";
import { earliest } from "../acting/control-loop.ts";
import type { Node, Pod } from "../acting/object-types.ts";
import { isNamespaceLeaving, messageOf } from "../acting/reasons.ts";
import { slowStart } from "../acting/slow-start.ts";
import { type ControllerParts, startWorkloadController } from "../acting/workload-controller.ts";
import { decideClaims, settleClaims } from "../ownership/claim.ts";
import { childrenOf, inNamespace, type OwnerKind } from "../ownership/owner-keys.ts";
import { REVISION_LABEL, REVISIONS, revisionsToForget } from "../revisions/controller-revision.ts";
import { type SettledRevisions, settleRevision } from "../revisions/settle-revision.ts";
import { daemonPod, nodeOf } from "./daemon-pod.ts";
import type { DaemonSet } from "./daemon-set-types.ts";
import { type DaemonsObserved, type DaemonsPlan, decideDaemons } from "./decide-daemons.ts";
import { ReplacementPace } from "./replacement-pace.ts";

const SETS: OwnerKind = { bucket: "daemonsets.apps", kind: "DaemonSet", apiGroup: "apps" };

interface Parts extends ControllerParts {
  readonly pace: ReplacementPace;
}

/** Keeps one pod of every DaemonSet on each node it belongs on. @returns a function that stops it */
export function startDaemonSetController(kube: KubeContext, log: Logger): () => Promise<void> {
  const pace = new ReplacementPace();
  const everySet = () => [...kube.store.bucket(SETS.bucket).range("")].map(([key]) => key);
  return startWorkloadController(kube, log, {
    name: "daemonset-controller",
    bucket: SETS.bucket,
    reconcile: (parts, key) => reconcile({ ...parts, pace }, key),
    related: [
      childrenOf(kube, "pods", SETS),
      childrenOf(kube, REVISIONS, SETS),
      {
        bucket: "nodes",
        keys: ({ previous, stored }) =>
          previous !== undefined && placement(previous.object as Node) === placement(stored.object as Node)
            ? []
            : everySet(),
      },
    ],
  });
}

/** What of a node decides where daemons belong; heartbeats do not. */
function placement({ metadata, spec }: Node): string {
  return JSON.stringify([metadata.labels, metadata.deletionTimestamp, spec?.taints, spec?.unschedulable]);
}

async function reconcile(parts: Parts, key: string): Promise<Requeue> {
  const { kube, hand } = parts;
  const set = kube.store.latest(SETS.bucket, key)?.object as DaemonSet | undefined;
  if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
  try {
    const revisions = await settleRevision(kube, hand, { owner: set, hashLabel: REVISION_LABEL });
    const observed = await gather(parts, set, revisions);
    const plan = decideDaemons(observed, kube.now());
    const error = await act(parts, observed, plan);
    const after = plan.create.length + plan.remove.length > 0 ? await gather(parts, set, revisions) : observed;
    const { status } = decideDaemons(after, kube.now());
    const { collisionCount } = revisions;
    await hand.changeStatus(SETS.bucket, set, (live) => {
      live["status"] = { ...status, ...(collisionCount === undefined ? {} : { collisionCount }) };
      return undefined;
    });
    if (error !== undefined) throw error;
    await forget(parts, after, revisions);
    return earliest(plan.againMs);
  } catch (error) {
    if (isNamespaceLeaving(error)) return undefined;
    throw error;
  }
}

async function gather(
  { kube, hand, pace }: Parts,
  set: DaemonSet,
  { update }: SettledRevisions,
): Promise<DaemonsObserved> {
  const candidates = inNamespace<Pod>(kube, "pods", set.metadata.namespace as string);
  const claims = decideClaims(set, candidates, { selector: set.spec.selector });
  const pods = await settleClaims(hand, "pods", { owner: set, claims });
  const nodes = [...kube.store.bucket("nodes").range("")].map(([, stored]) => stored.object as Node);
  const hash = update.metadata.labels?.[REVISION_LABEL] ?? "";
  const replaceInMs = (node: string) => pace.leftMs(`${set.metadata.uid}/${node}`, kube.now());
  return { set, nodes, pods, hash, replaceInMs };
}

/** @returns the first error; what did not fail is done all the same */
async function act(
  { hand, events, pace, kube }: Parts,
  { set, hash }: DaemonsObserved,
  plan: DaemonsPlan,
): Promise<unknown> {
  for (const pod of plan.failed) {
    pace.note(`${set.metadata.uid}/${nodeOf(pod)}`, kube.now());
    const message = `Found failed daemon pod ${set.metadata.namespace}/${pod.metadata.name} on node ${nodeOf(pod)}, will try to kill it`;
    events.warning(set, "FailedDaemonPod", message);
  }
  for (const pod of plan.remove) {
    if (await hand.remove("pods", pod)) events.normal(set, "SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`);
  }
  const { error } = await slowStart(plan.create.length, async (i) => {
    try {
      const pod = await hand.create("pods", daemonPod(set, plan.create[i] as string, hash));
      events.normal(set, "SuccessfulCreate", `Created pod: ${pod.metadata.name}`);
    } catch (refusal) {
      if (!isNamespaceLeaving(refusal)) events.warning(set, "FailedCreate", `Error creating: ${messageOf(refusal)}`);
      throw refusal;
    }
  });
  return error;
}

async function forget(
  { hand }: Parts,
  { set, pods }: DaemonsObserved,
  { all, update }: SettledRevisions,
): Promise<void> {
  const hashes = new Set(pods.map((pod) => pod.metadata.labels?.[REVISION_LABEL]));
  const live = new Set([update.metadata.name as string]);
  for (const revision of all)
    if (hashes.has(revision.metadata.labels?.[REVISION_LABEL])) live.add(revision.metadata.name as string);
  for (const revision of revisionsToForget(all, live, set.spec.revisionHistoryLimit ?? 10))
    await hand.remove(REVISIONS, revision);
}
