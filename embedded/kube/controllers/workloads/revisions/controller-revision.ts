// Snapshots of pod templates, by which StatefulSets and DaemonSets know which version a pod is of.
// https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#revision-history
import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { PodTemplate } from "../acting/object-types.ts";

export const REVISIONS = "controllerrevisions.apps";
/** On pods and revisions: which version they are. */
export const REVISION_LABEL = "controller-revision-hash";

export interface ControllerRevision extends KubeObject {
  readonly revision: number;
  readonly data: { readonly spec: { readonly template: PodTemplate & { readonly $patch?: string } } };
}

/** What a revision keeps of a template: a patch that puts it back as it was. */
export function revisionData(template: PodTemplate): ControllerRevision["data"] {
  return { spec: { template: { ...structuredClone(template), $patch: "replace" } } };
}

/** The template that a revision keeps. */
export function templateOf(revision: ControllerRevision): PodTemplate {
  const { $patch: _patch, ...template } = revision.data.spec.template;
  return template;
}

/** By their number, the oldest first. */
export function byRevision(a: ControllerRevision, b: ControllerRevision): number {
  return a.revision - b.revision || ((a.metadata.name as string) < (b.metadata.name as string) ? -1 : 1);
}

/** The newest revision that keeps this template; undefined when none does. */
export function findRevision(
  revisions: readonly ControllerRevision[],
  template: PodTemplate,
): ControllerRevision | undefined {
  const data = revisionData(template);
  return [...revisions].sort(byRevision).findLast((revision) => jsonEqual(revision.data, data));
}

/** The number for a revision that is to be the newest. */
export function nextNumber(revisions: readonly ControllerRevision[]): number {
  return revisions.reduce((most, { revision }) => Math.max(most, revision), 0) + 1;
}

/** Revisions beyond the limit that nothing lives of, the oldest first. */
export function revisionsToForget(
  revisions: readonly ControllerRevision[],
  live: ReadonlySet<string>,
  limit: number,
): ControllerRevision[] {
  const dead = revisions.filter((revision) => !live.has(revision.metadata.name as string)).sort(byRevision);
  return dead.slice(0, Math.max(0, dead.length - limit));
}
