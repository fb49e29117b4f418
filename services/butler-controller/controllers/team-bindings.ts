// The RoleBindings that members of a team get in a namespace: pure.

import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { LABELS, MANAGED_BY } from "@holdfast/contracts/butler-api/names";
import type { TeamAccess, TeamRole } from "@holdfast/contracts/butler-api/parts/team-access";
import { fold } from "@holdfast/domain/access/caller";
import { strongerRole } from "@holdfast/domain/access/team-role";
import { shortHash } from "./short-hash.ts";

/** The ClusterRole a role of the team is bound to, inside one namespace. A viewer reads, and reads no Secrets. */
export const CLUSTER_ROLES: Readonly<Record<TeamRole, string>> = { admin: "admin", operator: "edit", viewer: "view" };

/** A person or a group, and the strongest role its entries give. */
export interface Member {
  readonly kind: "User" | "Group";
  readonly name: string;
  readonly role: TeamRole;
}

/**
 * Members of a team with the strongest role of all their entries, in the team and in one environment. The environment adds to
 * members of the team and lets nobody else in.
 */
export function membersOf(team: TeamAccess | undefined, environment?: TeamAccess): Member[] {
  const members = new Map<string, Member>();
  const add = (kind: Member["kind"], access: TeamAccess | undefined, known: boolean) => {
    for (const { name, role } of (kind === "User" ? access?.users : access?.groups) ?? []) {
      const key = `${kind}/${kind === "User" ? fold(name) : name}`;
      const found = members.get(key);
      if (known && found === undefined) continue;
      const stronger = strongerRole(found?.role, role ?? "viewer") as TeamRole;
      members.set(key, { kind, name: found?.name ?? name, role: stronger });
    }
  };
  add("User", team, false);
  add("Group", team, false);
  add("User", environment, true);
  add("Group", environment, true);
  return [...members.values()];
}

/**
 * One RoleBinding a member. Its name holds a hash of member and role: two members whose names differ in signs alone never
 * share one, and a member whose role changes gets another one, since the role of a binding cannot change.
 */
export function desiredBindings(team: string, namespace: string, members: readonly Member[]): KubeObject[] {
  return members.map(({ kind, name, role }) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: {
      name: `butler-team-${kind.toLowerCase()}-${readable(name)}${shortHash(`${kind}/${name}/${role}`)}`,
      namespace,
      labels: { [LABELS.managedBy]: MANAGED_BY, [LABELS.team]: team },
    },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: CLUSTER_ROLES[role] },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind, name }],
  }));
}

/** Bindings to make and names of bindings to take away, given those of the team that are there. */
export function bindingChanges(
  desired: readonly KubeObject[],
  found: readonly KubeObject[],
): { readonly create: KubeObject[]; readonly remove: string[] } {
  const nameOf = (object: KubeObject) => object.metadata.name as string;
  const wanted = new Set(desired.map(nameOf));
  const there = new Set(found.map(nameOf));
  return {
    create: desired.filter((binding) => !there.has(nameOf(binding))),
    remove: found.map(nameOf).filter((name) => !wanted.has(name)),
  };
}

/** The part of a name that people recognise: lower case, other signs as `-`, cut. */
function readable(name: string): string {
  const text = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40)
    .replace(/-+$/, "");
  return text === "" ? "" : `${text}-`;
}
