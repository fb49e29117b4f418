import type { KubeObject, OwnerReference } from "@holdfast/apimachinery/meta/types";
import { fromLabelSelectorObject, type LabelSelectorObject } from "@holdfast/apimachinery/selectors/label-selector";
import type { Hand } from "../acting/hand.ts";
import { controllerReference } from "../pods/pod-from-template.ts";

/** The reference of the object that controls this one; undefined for an orphan. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

export interface Claims<T> {
  /** Already controlled by the owner, and selected by it. */
  readonly own: readonly T[];
  /** Selected orphans. */
  readonly adopt: readonly T[];
  /** Controlled but not selected any more. */
  readonly release: readonly T[];
}

export interface ClaimOptions<T> {
  readonly selector: LabelSelectorObject;
  /** A further condition on what may be adopted. Default: none. */
  readonly mayAdopt?: (candidate: T) => boolean;
}

/**
 * Which of the candidates belong to an owner. An owner that is being deleted takes and lets go of nothing; what is being deleted is
 * not adopted.
 */
export function decideClaims<T extends KubeObject>(
  owner: KubeObject,
  candidates: readonly T[],
  { selector, mayAdopt = () => true }: ClaimOptions<T>,
): Claims<T> {
  const matcher = fromLabelSelectorObject(selector);
  const leaving = owner.metadata.deletionTimestamp !== undefined;
  const claims = { own: [] as T[], adopt: [] as T[], release: [] as T[] };
  for (const candidate of candidates) {
    const controller = controllerOf(candidate);
    if (controller !== undefined && controller.uid !== owner.metadata.uid) continue;
    const selected = matcher.matches(candidate.metadata.labels ?? {});
    if (controller !== undefined) {
      if (selected || leaving) claims.own.push(candidate);
      else claims.release.push(candidate);
    } else if (selected && !leaving && candidate.metadata.deletionTimestamp === undefined && mayAdopt(candidate)) {
      claims.adopt.push(candidate);
    }
  }
  return claims;
}

/** Carries out {@link decideClaims}. @returns what the owner controls from now on */
export async function settleClaims<T extends KubeObject>(
  hand: Hand,
  bucket: string,
  { owner, claims }: { readonly owner: KubeObject; readonly claims: Claims<T> },
): Promise<T[]> {
  const owned = [...claims.own];
  for (const orphan of claims.adopt) {
    const adopted = await hand.change(bucket, orphan, (live) => {
      if (controllerOf(live) !== undefined || live.metadata.deletionTimestamp !== undefined) return false;
      live.metadata.ownerReferences = [...(live.metadata.ownerReferences ?? []), controllerReference(owner)];
      return undefined;
    });
    if (adopted !== undefined && controllerOf(adopted)?.uid === owner.metadata.uid) owned.push(adopted as T);
  }
  for (const lost of claims.release) {
    await hand.change(bucket, lost, (live) => {
      const rest = (live.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== owner.metadata.uid);
      if (rest.length > 0) live.metadata.ownerReferences = rest;
      else delete live.metadata.ownerReferences;
      return undefined;
    });
  }
  return owned;
}
