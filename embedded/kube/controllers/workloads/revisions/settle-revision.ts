import { isReason } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { LabelSelectorObject } from "@holdfast/apimachinery/selectors/label-selector";
import type { KubeContext } from "../../../operations/kube-context.ts";
import type { Hand } from "../acting/hand.ts";
import type { PodTemplate } from "../acting/object-types.ts";
import { decideClaims, settleClaims } from "../ownership/claim.ts";
import { inNamespace } from "../ownership/owner-keys.ts";
import { controllerReference } from "../pods/pod-from-template.ts";
import { templateHash } from "../pods/template-hash.ts";
import {
  byRevision,
  type ControllerRevision,
  findRevision,
  nextNumber,
  REVISIONS,
  revisionData,
} from "./controller-revision.ts";

const ATTEMPTS = 10;

export interface RevisionOwner extends KubeObject {
  readonly spec: { readonly selector: LabelSelectorObject; readonly template: PodTemplate };
  readonly status?: { readonly collisionCount?: number };
}

export interface SettledRevisions {
  /** All revisions of the owner, the oldest first. */
  readonly all: readonly ControllerRevision[];
  /** That of the template as it is now, with the highest number of all. */
  readonly update: ControllerRevision;
  /** How often a name was taken; undefined when it never was. */
  readonly collisionCount: number | undefined;
}

/**
 * Makes sure that the owner's template has a revision, and that it is the newest.
 *
 * @param hashLabel - the label by which a revision tells its hash
 */
export async function settleRevision(
  kube: KubeContext,
  hand: Hand,
  { owner, hashLabel }: { readonly owner: RevisionOwner; readonly hashLabel: string },
): Promise<SettledRevisions> {
  const candidates = inNamespace<ControllerRevision>(kube, REVISIONS, owner.metadata.namespace as string);
  const claims = decideClaims(owner, candidates, { selector: owner.spec.selector });
  const all = (await settleClaims(hand, REVISIONS, { owner, claims })).sort(byRevision);
  const { collisionCount } = owner.status ?? {};
  const found = findRevision(all, owner.spec.template);
  if (found === undefined) {
    const made = await create(hand, owner, { hashLabel, all });
    return { all: [...all, made.revision], update: made.revision, collisionCount: made.collisionCount };
  }
  if (found === all.at(-1)) return { all, update: found, collisionCount };
  const number = nextNumber(all);
  const raised = await hand.change(REVISIONS, found, (live) => {
    live["revision"] = number;
    return undefined;
  });
  const update = (raised ?? found) as ControllerRevision;
  return { all: [...all.filter((revision) => revision !== found), update], update, collisionCount };
}

interface Naming {
  readonly hashLabel: string;
  readonly all: readonly ControllerRevision[];
}

async function create(
  hand: Hand,
  owner: RevisionOwner,
  { hashLabel, all }: Naming,
): Promise<{ readonly revision: ControllerRevision; readonly collisionCount: number | undefined }> {
  const { template } = owner.spec;
  let collisionCount = owner.status?.collisionCount;
  for (let attempt = 1; ; attempt++) {
    const hash = templateHash(template, collisionCount ?? 0);
    try {
      const revision = await hand.create(REVISIONS, {
        kind: "ControllerRevision",
        apiVersion: "apps/v1",
        metadata: {
          name: `${owner.metadata.name}-${hash}`,
          namespace: owner.metadata.namespace as string,
          labels: { ...template.metadata?.labels, [hashLabel]: hash },
          annotations: { ...owner.metadata.annotations },
          ownerReferences: [controllerReference(owner)],
        },
        data: revisionData(template),
        revision: nextNumber(all),
      });
      return { revision: revision as ControllerRevision, collisionCount };
    } catch (error) {
      if (!isReason(error, "AlreadyExists") || attempt >= ATTEMPTS) throw error;
      collisionCount = (collisionCount ?? 0) + 1;
    }
  }
}
