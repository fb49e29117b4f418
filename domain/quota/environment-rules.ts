// Environments of a team: the label of its clusters, and the limits inside of the team's own.

import { forbidden, invalid, notSupported, required } from "@holdfast/apimachinery/meta/field-error";
import { ANNOTATIONS, LABELS } from "@holdfast/contracts/butler-api/names";
import type { Team, TeamEnvironment } from "@holdfast/contracts/butler-api/team";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import { type Caller, sameEmail } from "../access/caller.ts";
import type { Finding } from "../decision.ts";
import { type Account, environmentOf, ownerOf } from "./account.ts";

const LABEL_FIELD = `metadata.labels[${LABELS.environment}]`;
const CREATOR_FIELD = `metadata.annotations[${ANNOTATIONS.creatorEmail}]`;
const OWNER_FIELD = `metadata.annotations[${ANNOTATIONS.owner}]`;

/** What is needed to judge the environment of a cluster. */
export interface EnvironmentFacts {
  readonly caller: Caller;
  readonly platformAdmin: boolean;
  readonly team: Team;
  readonly object: TenantCluster;
  readonly oldObject: TenantCluster | undefined;
  /** Whether the cluster is new, or new in the team or the environment. */
  readonly joins: boolean;
  /** The team's other clusters, stored and reserved. */
  readonly others: readonly Account[];
}

/** The label changes by a migration alone, and a migration is done by those who may. */
export function migrationFinding(facts: {
  readonly object: TenantCluster;
  readonly oldObject: TenantCluster;
  readonly caller: Caller;
  /** Whether the caller administers the platform or the cluster's team. */
  readonly mayMigrate: boolean;
  readonly team: string;
}): Finding | undefined {
  if (environmentOf(facts.object) === environmentOf(facts.oldObject)) return undefined;
  if (facts.object.metadata.annotations?.[ANNOTATIONS.migrationOperation] !== "true") {
    const detail = `env label changes require the "${ANNOTATIONS.migrationOperation}" annotation set to "true"; use \`butleradm env migrate\``;
    return { code: "CLUSTER_ENVIRONMENT_IMMUTABLE", error: forbidden(LABEL_FIELD, detail) };
  }
  if (facts.mayMigrate) return undefined;
  const detail = `only admins of team ${JSON.stringify(facts.team)} or platform admins may migrate a cluster to another environment; user ${JSON.stringify(facts.caller.username)} is neither`;
  return { code: "CLUSTER_MIGRATION_NOT_ENTITLED", error: forbidden(LABEL_FIELD, detail) };
}

/** Every rule about environments the request breaks. */
export function environmentFindings(facts: EnvironmentFacts): Finding[] {
  const environments = facts.team.spec?.environments ?? [];
  if (environments.length === 0) return [];
  const label = environmentOf(facts.object);
  const unchanged = facts.oldObject !== undefined && environmentOf(facts.oldObject) === label && !facts.joins;
  if (label === "") {
    if (unchanged) return [];
    const detail = `team ${JSON.stringify(teamName(facts))} defines environments; TenantClusters must carry this label set to one of the team's env names`;
    return [{ code: "CLUSTER_ENVIRONMENT_REQUIRED", error: required(LABEL_FIELD, detail) }];
  }
  const environment = environments.find((candidate) => candidate.name === label);
  if (environment === undefined) {
    if (unchanged) return [];
    const names = environments.map((candidate) => candidate.name);
    return [{ code: "CLUSTER_ENVIRONMENT_UNKNOWN", error: notSupported(LABEL_FIELD, label, names) }];
  }
  return limitFindings(facts, environment);
}

function limitFindings(facts: EnvironmentFacts, environment: TeamEnvironment): Finding[] {
  const limit = {
    team: teamName(facts),
    environment,
    joins: facts.joins,
    owner: facts.oldObject === undefined ? annotation(facts.object, ANNOTATIONS.creatorEmail) : ownerOf(facts.object),
    others: facts.others,
  };
  const identity =
    (environment.limits?.maxClustersPerMember ?? 0) > 0 ? identityFinding(facts, environment.name) : undefined;
  return identity === undefined
    ? [...clusterCountFindings(limit), ...memberCountFindings(limit)]
    : [...clusterCountFindings(limit), identity];
}

/** What is needed to judge the limits of one environment. */
export interface EnvironmentLimitFacts {
  readonly team: string;
  readonly environment: TeamEnvironment;
  /** Whether the cluster is new in the environment. */
  readonly joins: boolean;
  /** E-mail the cluster is counted for; `""`: nobody's. */
  readonly owner: string;
  /** The team's other clusters, stored and reserved. */
  readonly others: readonly Account[];
}

/** The environment's limit of clusters. 0 means none of its own. */
export function clusterCountFindings(facts: EnvironmentLimitFacts): Finding[] {
  const limit = facts.environment.limits?.maxClusters ?? 0;
  const count = siblingsOf(facts).length;
  if (!facts.joins || limit <= 0 || count < limit) return [];
  const detail = `environment ${JSON.stringify(facts.environment.name)} in team ${JSON.stringify(facts.team)} already has ${count} cluster(s); env quota limits to ${limit}`;
  return [{ code: "CLUSTER_ENVIRONMENT_FULL", error: forbidden("spec", detail) }];
}

/** The environment's limit of clusters one member may own. 0 means none. */
export function memberCountFindings(facts: EnvironmentLimitFacts): Finding[] {
  const limit = facts.environment.limits?.maxClustersPerMember ?? 0;
  if (!facts.joins || limit <= 0 || facts.owner === "") return [];
  const owned = siblingsOf(facts).filter((account) => sameEmail(account.owner, facts.owner)).length;
  if (owned < limit) return [];
  const detail = `user ${JSON.stringify(facts.owner)} already owns ${owned} cluster(s) in environment ${JSON.stringify(facts.environment.name)}; env limits to ${limit} per member`;
  return [{ code: "CLUSTER_MEMBER_FULL", error: forbidden(CREATOR_FIELD, detail) }];
}

function siblingsOf(facts: EnvironmentLimitFacts): readonly Account[] {
  const { name } = facts.environment;
  return facts.others.filter((account) => account.environment === name || account.joiningEnvironment === name);
}

/** With a cap per member, creator and owner must be true and stay as they are. */
function identityFinding(facts: EnvironmentFacts, environment: string): Finding | undefined {
  const creator = annotation(facts.object, ANNOTATIONS.creatorEmail);
  const name = JSON.stringify(environment);
  if (facts.oldObject === undefined) {
    if (creator === "") {
      const detail = `environment ${name} sets maxClustersPerMember; TenantClusters must carry the ${ANNOTATIONS.creatorEmail} annotation (set automatically by butler-server; kubectl-direct creates must supply it explicitly)`;
      return { code: "CLUSTER_CREATOR", error: required(CREATOR_FIELD, detail) };
    }
    if (!sameEmail(creator, facts.caller.username)) {
      const detail = `${ANNOTATIONS.creatorEmail} must match the requesting identity ${JSON.stringify(facts.caller.username)}; environment ${name} enforces per-member caps and cannot accept an annotation claiming a different user`;
      return { code: "CLUSTER_CREATOR", error: invalid(CREATOR_FIELD, creator, detail) };
    }
  } else {
    const before = annotation(facts.oldObject, ANNOTATIONS.creatorEmail);
    if (creator !== before) {
      return {
        code: "CLUSTER_CREATOR",
        error: forbidden(CREATOR_FIELD, immutable(ANNOTATIONS.creatorEmail, before, creator)),
      };
    }
  }
  return ownerFinding(facts, creator);
}

/** Clusters are counted by owner, so whoever could write it could have as many as they like in another's name. */
function ownerFinding(facts: EnvironmentFacts, creator: string): Finding | undefined {
  const owner = annotation(facts.object, ANNOTATIONS.owner);
  const before = facts.oldObject === undefined ? "" : annotation(facts.oldObject, ANNOTATIONS.owner);
  const promoted = before === "" && creator !== "" && sameEmail(owner, creator);
  if (owner === before || promoted || facts.platformAdmin) return undefined;
  return { code: "CLUSTER_OWNER", error: forbidden(OWNER_FIELD, immutable(ANNOTATIONS.owner, before, owner)) };
}

function immutable(key: string, before: string, after: string): string {
  return `${key} is immutable; cannot change from ${JSON.stringify(before)} to ${JSON.stringify(after)}`;
}

function annotation(cluster: TenantCluster, key: string): string {
  return cluster.metadata.annotations?.[key] ?? "";
}

function teamName(facts: EnvironmentFacts): string {
  return facts.team.metadata.name ?? "";
}
