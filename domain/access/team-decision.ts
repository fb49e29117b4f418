// Who may change what of a Team (vteam.kb.io). The sentences are those clients of the original know.

import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import { LABELS } from "@holdfast/contracts/butler-api/names";
import type { TeamAccess } from "@holdfast/contracts/butler-api/parts/team-access";
import type { Team, TeamEnvironment } from "@holdfast/contracts/butler-api/team";
import { allow, type Decision, type Denied, refuse } from "../decision.ts";
import { type Caller, fold } from "./caller.ts";
import { isTeamAdmin } from "./team-role.ts";
import { teamWarnings } from "./team-warnings.ts";

/** What is needed to decide about a Team. */
export interface TeamFacts {
  readonly operation: "CREATE" | "UPDATE";
  readonly caller: Caller;
  /** From `isPlatformAdmin` of platform-role.ts. */
  readonly platformAdmin: boolean;
  readonly object: Team;
  /** The stored object; on UPDATE only. */
  readonly oldObject?: Team;
  /** From {@link isForeignNamespace}; on CREATE only. */
  readonly namespaceExistsForeign?: boolean;
  /** Clusters by environment label, for the warning about environments that are removed; absent: no warning. */
  readonly clustersByEnvironment?: ReadonlyMap<string, number>;
}

/** Whether an existing namespace is not the one the controller made for the team of that name. */
export function isForeignNamespace(
  namespace: { readonly labels?: Readonly<Record<string, string>> | undefined } | undefined,
  teamName: string,
): boolean {
  return namespace !== undefined && namespace.labels?.[LABELS.team] !== teamName;
}

/** Decides about the creation or change of a Team. */
export function decideTeam(facts: TeamFacts): Decision {
  const denied =
    facts.operation === "CREATE" ? refuseCreation(facts) : refuseChange(facts, facts.oldObject ?? facts.object);
  if (denied !== undefined) return denied;
  const stranger = refuseStranger(facts);
  if (stranger !== undefined) return stranger;
  return allow(teamWarnings(facts.object, facts.oldObject, facts.clustersByEnvironment));
}

function refuseCreation(facts: TeamFacts): Denied | undefined {
  const { object, caller } = facts;
  const user = JSON.stringify(caller.username);
  if (!facts.platformAdmin) {
    if (object.spec?.resourceLimits !== undefined) {
      return refuse(
        "TEAM_LIMITS_PLATFORM_ONLY",
        `spec.resourceLimits may only be set by platform admins; user ${user} is not a platform admin`,
        "spec.resourceLimits",
      );
    }
    const limited = object.spec?.environments?.findIndex((environment) => environment.limits !== undefined) ?? -1;
    if (limited >= 0) {
      const field = `spec.environments[${limited}].limits`;
      return refuse(
        "TEAM_NEW_ENVIRONMENT_LIMITS",
        `${field} on a new team may only be set by platform admins; user ${user} is not a platform admin`,
        field,
      );
    }
  }
  if (facts.namespaceExistsForeign === true) {
    const name = JSON.stringify(object.metadata.name ?? "");
    return refuse(
      "TEAM_NAMESPACE_TAKEN",
      `namespace ${name} already exists and does not belong to a team; Team ${name} would take it over with everything in it, choose another name`,
      "metadata.name",
    );
  }
  return undefined;
}

function refuseChange(facts: TeamFacts, old: Team): Denied | undefined {
  const { object, caller, platformAdmin } = facts;
  const user = JSON.stringify(caller.username);
  if (platformAdmin) return undefined;
  if (!jsonEqual(object.spec?.resourceLimits, old.spec?.resourceLimits)) {
    return refuse(
      "TEAM_LIMITS_PLATFORM_ONLY",
      `spec.resourceLimits may only be modified by platform admins; user ${user} is not a platform admin`,
      "spec.resourceLimits",
    );
  }
  // The OLD object says who is an admin: a request cannot make its own sender one.
  if (isTeamAdmin(old, caller)) return undefined;
  const neither = `may only be modified by team admins of ${JSON.stringify(old.metadata.name ?? "")} or platform admins; user ${user} is neither`;
  if (!sameByEnvironment(object, old, (environment) => environment.limits)) {
    return refuse("TEAM_ENVIRONMENT_LIMITS", `spec.environments[].limits ${neither}`, "spec.environments");
  }
  if (!jsonEqual(plainAccess(object.spec?.access), plainAccess(old.spec?.access))) {
    return refuse("TEAM_MEMBERSHIP", `spec.access ${neither}`, "spec.access");
  }
  if (!sameByEnvironment(object, old, (environment) => plainAccess(environment.access))) {
    return refuse("TEAM_MEMBERSHIP", `spec.environments[].access ${neither}`, "spec.environments");
  }
  return undefined;
}

/** Compares one aspect of the environments by name: an environment without the aspect is as good as none. */
function sameByEnvironment(a: Team, b: Team, aspect: (environment: TeamEnvironment) => unknown): boolean {
  return jsonEqual(aspectByName(a, aspect), aspectByName(b, aspect));
}

function aspectByName(team: Team, aspect: (environment: TeamEnvironment) => unknown): [string, unknown][] {
  const found: [string, unknown][] = [];
  for (const environment of team.spec?.environments ?? []) {
    const value = aspect(environment);
    if (value !== undefined) found.push([environment.name, value]);
  }
  return found.sort(([left], [right]) => (left < right ? -1 : 1));
}

/** An access list without what says nothing: absent, empty, and default roles spelled out are the same. */
function plainAccess(access: TeamAccess | undefined): unknown {
  const users = (access?.users ?? []).map((user) => [user.name, user.role ?? "viewer"]);
  const groups = (access?.groups ?? []).map((group) => [
    group.name,
    group.role ?? "viewer",
    group.identityProvider ?? "",
  ]);
  return users.length + groups.length === 0 ? undefined : { users, groups };
}

/** Environment access adds to the team's and introduces nobody. What was stored before is left to whoever changes it. */
function refuseStranger(facts: TeamFacts): Denied | undefined {
  const { object, oldObject } = facts;
  if (oldObject !== undefined && sameSubjects(object, oldObject)) return undefined;
  const users = new Set((object.spec?.access?.users ?? []).map((user) => fold(user.name)));
  const groups = new Set((object.spec?.access?.groups ?? []).map((group) => group.name));
  for (const [index, environment] of (object.spec?.environments ?? []).entries()) {
    const at = `spec.environments[${index}].access`;
    const user = environment.access?.users?.find((candidate) => !users.has(fold(candidate.name)));
    if (user !== undefined) {
      const field = `${at}.users[${JSON.stringify(user.name)}]`;
      return refuse(
        "TEAM_ENVIRONMENT_SUBJECT",
        `${field} is not a team member; env access is additive only and cannot introduce subjects absent from spec.access.users`,
        field,
      );
    }
    const group = environment.access?.groups?.find((candidate) => !groups.has(candidate.name));
    if (group !== undefined) {
      const field = `${at}.groups[${JSON.stringify(group.name)}]`;
      return refuse(
        "TEAM_ENVIRONMENT_SUBJECT",
        `${field} is not a team group; env access is additive only and cannot introduce groups absent from spec.access.groups`,
        field,
      );
    }
  }
  return undefined;
}

function sameSubjects(a: Team, b: Team): boolean {
  return (
    jsonEqual(plainAccess(a.spec?.access), plainAccess(b.spec?.access)) &&
    sameByEnvironment(a, b, (environment) => plainAccess(environment.access))
  );
}
