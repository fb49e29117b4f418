// Which ReplicaSet is the current one, and how revisions are counted in annotations.
import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import type { PodTemplate, ReplicaSet } from "../acting/object-types.ts";
import { byAge } from "../pods/pod-state.ts";
import {
  DESIRED_REPLICAS,
  type Deployment,
  HASH_LABEL,
  MAX_REPLICAS,
  REVISION,
  REVISION_HISTORY,
} from "./deployment-types.ts";
import { rollingLimits } from "./rolling-arithmetic.ts";

/** Annotations that are the controller's or the client's own: sets do not inherit them. */
const OWN_ANNOTATIONS: ReadonlySet<string> = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "deprecated.deployment.rollback.to",
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
]);
const MAX_HISTORY = 2000;

/** The oldest set with the template of the deployment; undefined when it has to be made. */
export function findNewSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return [...sets].sort(byAge).find((set) => sameTemplate(set.spec.template, deployment.spec.template));
}

/** Compares without the label that only the templates of sets have. */
export function sameTemplate(a: PodTemplate, b: PodTemplate): boolean {
  return jsonEqual(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplate): unknown {
  const { [HASH_LABEL]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** 0 for a set without one. */
export function revisionOf(set: { readonly metadata: ReplicaSet["metadata"] }): number {
  const value = Number(set.metadata.annotations?.[REVISION] ?? 0);
  return Number.isSafeInteger(value) ? value : 0;
}

export function latestRevision(sets: readonly ReplicaSet[]): number {
  return sets.reduce((most, set) => Math.max(most, revisionOf(set)), 0);
}

/**
 * The annotations of the current set: those of the deployment, and its revision, which is above all others. A set that becomes the
 * current one again remembers the revision it had.
 */
export function newSetAnnotations(
  deployment: Deployment,
  set: { readonly metadata: ReplicaSet["metadata"] } | undefined,
  others: readonly ReplicaSet[],
): Record<string, string> {
  const annotations: Record<string, string> = { ...set?.metadata.annotations };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!OWN_ANNOTATIONS.has(key)) annotations[key] = value;
  }
  const revision = latestRevision(others) + 1;
  const before = annotations[REVISION];
  if (Number(before ?? 0) < revision) {
    annotations[REVISION] = String(revision);
    if (before !== undefined) annotations[REVISION_HISTORY] = appended(annotations[REVISION_HISTORY], before);
  }
  return annotations;
}

function appended(history: string | undefined, revision: string): string {
  const list = history === undefined || history === "" ? [] : history.split(",");
  list.push(revision);
  while (list.length > 1 && list.join(",").length > MAX_HISTORY) list.shift();
  return list.join(",");
}

/** The annotations by which a set remembers how large the deployment was when it was scaled. */
export function sizeAnnotations(deployment: Deployment): Record<string, string> {
  const { replicas } = deployment.spec;
  return {
    [DESIRED_REPLICAS]: String(replicas),
    [MAX_REPLICAS]: String(replicas + rollingLimits(deployment).surge),
  };
}

/** Old sets that nobody needs any more, the oldest revisions first. */
export function setsToForget(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet[] {
  const limit = deployment.spec.revisionHistoryLimit ?? 10;
  const alive = old.filter((set) => set.metadata.deletionTimestamp === undefined);
  const surplus = alive.length - limit;
  if (surplus <= 0) return [];
  const sorted = [...alive].sort((a, b) => revisionOf(a) - revisionOf(b) || byAge(a, b));
  return sorted
    .slice(0, surplus)
    .filter(
      (set) =>
        (set.status?.replicas ?? 0) === 0 &&
        set.spec.replicas === 0 &&
        (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0),
    );
}
