import type { IdentityProvider } from "@holdfast/contracts/butler-api/identity-provider";
import { GROUP } from "@holdfast/contracts/butler-api/names";
import type { User } from "@holdfast/contracts/butler-api/user";
import { type Caller, SERVER_CALLERS_GROUP, sameEmail } from "./caller.ts";

/** A role on the whole platform. */
export type PlatformRole = "admin" | "viewer" | "none";

/** What made the role. */
export type PlatformRoleSource = "user" | "identity-provider" | "access-review" | "none";

/** What is needed to tell somebody's role on the platform. */
export interface PlatformRoleFacts {
  readonly caller: Caller;
  /** All User objects, read past any cache: a role taken away a moment ago must be gone. */
  readonly users: readonly User[];
  readonly identityProviders: readonly IdentityProvider[];
  /** Answer to {@link accessReviewOf}. Needed only where {@link needsAccessReview} says so; absent counts as no. */
  readonly accessReviewAllowed?: boolean;
}

/** The subject and question of a SubjectAccessReview. */
export interface AccessReviewQuestion {
  readonly user: string;
  readonly groups: readonly string[];
  readonly verb: "update";
  readonly group: string;
  readonly resource: "teams";
}

/**
 * The question whose answer decides about callers without a User object (service accounts, cluster admins).
 *
 * It is asked without the group butler-server lends to everybody it impersonates: that group may update Teams, and with it
 * every person without a User object would count as platform admin.
 */
export function accessReviewOf(caller: Caller): AccessReviewQuestion {
  return {
    user: caller.username,
    groups: caller.groups.filter((group) => group !== SERVER_CALLERS_GROUP),
    verb: "update",
    group: GROUP,
    resource: "teams",
  };
}

/** Whether only a SubjectAccessReview can tell: no User object has the caller's e-mail address. */
export function needsAccessReview(facts: Pick<PlatformRoleFacts, "caller" | "users">): boolean {
  return !facts.users.some((user) => isCaller(user, facts.caller));
}

/**
 * The caller's role on the platform and where it comes from.
 *
 * A User object with the caller's e-mail decides, together with the groups an IdentityProvider maps to platform roles; a disabled
 * one is nobody. Several objects with one address: the weakest decides. Without any, the access review does.
 */
export function platformRole(facts: PlatformRoleFacts): { role: PlatformRole; source: PlatformRoleSource } {
  const own = facts.users.filter((user) => isCaller(user, facts.caller));
  if (own.length === 0) {
    return facts.accessReviewAllowed === true
      ? { role: "admin", source: "access-review" }
      : { role: "none", source: "none" };
  }
  if (own.some((user) => user.spec?.disabled === true)) return { role: "none", source: "user" };
  const byUser = weakest(own.map(roleOfUser));
  const byGroups = roleOfGroups(facts);
  if (strength(byGroups) > strength(byUser)) return { role: byGroups, source: "identity-provider" };
  return { role: byUser, source: byUser === "none" ? "none" : "user" };
}

/** Whether the caller administers the platform. */
export function isPlatformAdmin(facts: PlatformRoleFacts): boolean {
  return platformRole(facts).role === "admin";
}

function isCaller(user: User, caller: Caller): boolean {
  const email = user.spec?.email ?? "";
  return email !== "" && sameEmail(email, caller.username);
}

function roleOfUser(user: User): PlatformRole {
  if (user.spec?.isPlatformAdmin === true || user.spec?.platformRole === "admin") return "admin";
  return user.spec?.platformRole === "viewer" ? "viewer" : "none";
}

function roleOfGroups(facts: PlatformRoleFacts): PlatformRole {
  const from = facts.caller.identityProvider;
  // Groups of the system are everybody's; a mapping of system:authenticated must not make everybody an admin.
  const groups = new Set(facts.caller.groups.filter((group) => !group.startsWith("system:")));
  groups.delete(SERVER_CALLERS_GROUP);
  let role: PlatformRole = "none";
  for (const provider of facts.identityProviders) {
    if (from !== undefined && provider.metadata.name !== from) continue;
    for (const mapping of provider.spec?.platformRoleGroups ?? []) {
      if (groups.has(mapping.name) && strength(mapping.role) > strength(role)) role = mapping.role;
    }
  }
  return role;
}

function strength(role: PlatformRole): number {
  return { none: 0, viewer: 1, admin: 2 }[role];
}

function weakest(roles: readonly PlatformRole[]): PlatformRole {
  return roles.reduce((a, b) => (strength(b) < strength(a) ? b : a));
}
