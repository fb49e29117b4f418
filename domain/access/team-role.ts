import type { TeamAccess, TeamRole } from "@holdfast/contracts/butler-api/parts/team-access";
import type { Team } from "@holdfast/contracts/butler-api/team";
import type { Caller } from "./caller.ts";
import { fold } from "./caller.ts";

const STRENGTH: Readonly<Record<TeamRole, number>> = { viewer: 1, operator: 2, admin: 3 };

/** The stronger of two roles. */
export function strongerRole(a: TeamRole | undefined, b: TeamRole | undefined): TeamRole | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  return STRENGTH[a] >= STRENGTH[b] ? a : b;
}

/**
 * The strongest role an access list gives the caller, or undefined.
 *
 * People match by e-mail whatever the case. Groups match exactly; one bound to an identity provider does not match a caller
 * who is known to come from another.
 */
export function roleIn(access: TeamAccess | undefined, caller: Caller): TeamRole | undefined {
  let role: TeamRole | undefined;
  const name = fold(caller.username);
  for (const user of access?.users ?? []) {
    if (fold(user.name) === name) role = strongerRole(role, user.role ?? "viewer");
  }
  const groups = new Set(caller.groups);
  for (const group of access?.groups ?? []) {
    if (!groups.has(group.name)) continue;
    const bound = group.identityProvider ?? "";
    if (bound !== "" && caller.identityProvider !== undefined && caller.identityProvider !== bound) continue;
    role = strongerRole(role, group.role ?? "viewer");
  }
  return role;
}

/** The caller's role in the team, or undefined for somebody who is not in it. */
export function teamRole(team: Team, caller: Caller): TeamRole | undefined {
  return roleIn(team.spec?.access, caller);
}

/** Whether the caller administers the team. On an update, ask it of the OLD object: nobody promotes themselves. */
export function isTeamAdmin(team: Team | undefined, caller: Caller): boolean {
  return team !== undefined && teamRole(team, caller) === "admin";
}

/**
 * The caller's role in an environment: the stronger of team and environment role. The environment adds to members of the team
 * and lets nobody else in.
 */
export function environmentRole(team: Team, environment: string, caller: Caller): TeamRole | undefined {
  const inTeam = teamRole(team, caller);
  if (inTeam === undefined) return undefined;
  const found = team.spec?.environments?.find((candidate) => candidate.name === environment);
  return strongerRole(inTeam, roleIn(found?.access, caller));
}
