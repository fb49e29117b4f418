import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import type { ClusterCreationPolicy } from "@holdfast/contracts/butler-api/cluster-creation-policy";
import type { NetworkPool } from "@holdfast/contracts/butler-api/network-pool";
import type { ProviderConfig } from "@holdfast/contracts/butler-api/provider-config";
import type { Team } from "@holdfast/contracts/butler-api/team";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import type { Caller } from "@holdfast/domain/access/caller";
import { decideProvider } from "@holdfast/domain/access/provider-decision";
import { decideTeam, isForeignNamespace } from "@holdfast/domain/access/team-decision";
import type { Decision } from "@holdfast/domain/decision";
import { clusterDefaultOperations, requestFromLastApplied } from "@holdfast/domain/defaults/cluster-defaults";
import { decidePool } from "@holdfast/domain/ipam/pool-decision";
import { decideCreationPolicy, policyTeamOf } from "@holdfast/domain/policy/creation-policy-decision";
import { environmentOf, teamNameOf } from "@holdfast/domain/quota/account";
import type { Facts } from "./facts.ts";
import { judgeTenantCluster } from "./judge-tenant-cluster.ts";
import type { PoolLedger } from "./pool-ledger.ts";
import type { QuotaLedger } from "./quota-ledger.ts";
import { answerOf, objectOf, type ReviewAnswer, type ReviewRequest } from "./review.ts";

/** Answers the reviews of one webhook. */
export interface Judge {
  /** Name in the webhook configuration. */
  readonly webhook: string;
  readonly path: string;
  readonly kind: string;
  /** Code of an internal failure: where the original answers 403 for everything, so do we. */
  readonly errorCode: 403 | 500;
  judge(request: ReviewRequest): Promise<ReviewAnswer>;
}

export interface JudgeParts {
  readonly facts: Facts;
  readonly ledger: QuotaLedger;
  readonly pools: PoolLedger;
  readonly now: () => number;
  /** A Team as the watch last showed it: good enough for defaults, which grant nothing. */
  readonly cachedTeam: (name: string) => Team | undefined;
}

const ALLOWED: ReviewAnswer = { allowed: true };

/**
 * Decides first as if the caller were no platform admin, which only ever gives more: most requests need no look at all Users.
 */
export async function decideByRole(
  facts: Facts,
  caller: Caller,
  decide: (platformAdmin: boolean) => Promise<Decision> | Decision,
): Promise<Decision> {
  const decision = await decide(false);
  if (decision.allowed || !(await facts.platformAdmin(caller))) return decision;
  return decide(true);
}

/** The five validating webhooks and the defaulting one. */
export function createJudges(parts: JudgeParts): Judge[] {
  const { facts } = parts;
  return [
    {
      webhook: "vtenantcluster.kb.io",
      path: pathOf("validate", "tenantcluster"),
      kind: "TenantCluster",
      errorCode: 403,
      judge: (request) => judgeTenantCluster(parts, request),
    },
    {
      webhook: "vteam.kb.io",
      path: pathOf("validate", "team"),
      kind: "Team",
      errorCode: 500,
      judge: (request) => judgeTeam(facts, request),
    },
    {
      webhook: "vnetworkpool.kb.io",
      path: pathOf("validate", "networkpool"),
      kind: "NetworkPool",
      errorCode: 403,
      judge: (request) => judgePool(parts, request),
    },
    {
      webhook: "vproviderconfig.kb.io",
      path: pathOf("validate", "providerconfig"),
      kind: "ProviderConfig",
      errorCode: 403,
      judge: (request) => judgeProvider(facts, request),
    },
    {
      webhook: "vclustercreationpolicy.kb.io",
      path: pathOf("validate", "clustercreationpolicy"),
      kind: "ClusterCreationPolicy",
      errorCode: 403,
      judge: (request) => judgePolicy(facts, request),
    },
    {
      webhook: "dtenantcluster.kb.io",
      path: pathOf("mutate", "tenantcluster"),
      kind: "TenantCluster",
      errorCode: 500,
      judge: (request) => applyDefaults(parts, request),
    },
  ];
}

function pathOf(verb: "validate" | "mutate", kind: string): string {
  return `/${verb}-butler-butlerlabs-dev-v1alpha1-${kind}`;
}

async function judgeTeam(facts: Facts, request: ReviewRequest): Promise<ReviewAnswer> {
  if (request.operation !== "CREATE" && request.operation !== "UPDATE") return ALLOWED;
  const { operation, caller } = request;
  const object = objectOf<Team>(request.object, "Team");
  const oldObject = operation === "UPDATE" ? objectOf<Team>(request.oldObject, "Team") : undefined;
  const name = object.metadata.name ?? request.name;
  const namespaceExistsForeign = operation === "CREATE" && isForeignNamespace(await facts.namespaceLabels(name), name);
  const removed = environmentsRemoved(object, oldObject);
  const clustersByEnvironment = removed ? countByEnvironment(await facts.clusters(), name) : undefined;
  const decision = await decideByRole(facts, caller, (platformAdmin) =>
    decideTeam({
      operation,
      caller,
      platformAdmin,
      object,
      ...(oldObject === undefined ? {} : { oldObject }),
      namespaceExistsForeign,
      ...(clustersByEnvironment === undefined ? {} : { clustersByEnvironment }),
    }),
  );
  return answerOf(decision);
}

function environmentsRemoved(object: Team, oldObject: Team | undefined): boolean {
  const names = new Set((object.spec?.environments ?? []).map((e) => e.name));
  return (oldObject?.spec?.environments ?? []).some((e) => !names.has(e.name));
}

function countByEnvironment(clusters: readonly TenantCluster[], team: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const cluster of clusters) {
    if (teamNameOf(cluster) !== team) continue;
    const environment = environmentOf(cluster);
    counts.set(environment, (counts.get(environment) ?? 0) + 1);
  }
  return counts;
}

async function judgePool({ facts, pools: ledger, now }: JudgeParts, request: ReviewRequest): Promise<ReviewAnswer> {
  const { operation } = request;
  if (operation === "CONNECT") return ALLOWED;
  const object = objectOf<NetworkPool>(operation === "DELETE" ? request.oldObject : request.object, "NetworkPool");
  const namespace = object.metadata.namespace ?? request.namespace;
  const allocations = await facts.allocations();
  if (operation === "DELETE") {
    const providerConfigs = await facts.providerConfigs(namespace);
    const decision = decidePool({ operation, object, allocations, pools: [], providerConfigs });
    // Best effort: a reservation that stays runs out by itself.
    if (decision.allowed && !request.dryRun)
      await ledger.release({ namespace, name: object.metadata.name ?? "" }).catch(() => undefined);
    return answerOf(decision);
  }
  const oldObject = operation === "UPDATE" ? objectOf<NetworkPool>(request.oldObject, "NetworkPool") : undefined;
  const decide = (pools: readonly NetworkPool[]) =>
    decidePool({
      operation,
      object,
      ...(oldObject === undefined ? {} : { oldObject }),
      allocations,
      pools,
      providerConfigs: [],
    });
  // What changes no address needs no reservation, and a dry run makes none.
  if (request.dryRun || (oldObject !== undefined && jsonEqual(object.spec, oldObject.spec)))
    return answerOf(decide(await facts.pools()));
  const pool = { ...object, metadata: { ...object.metadata, namespace } };
  return answerOf(await ledger.decide({ pool, now: now(), stored: () => facts.pools(), decide }));
}

async function judgeProvider(facts: Facts, request: ReviewRequest): Promise<ReviewAnswer> {
  const { operation } = request;
  if (operation === "CONNECT") return ALLOWED;
  const object = objectOf<ProviderConfig>(
    operation === "DELETE" ? request.oldObject : request.object,
    "ProviderConfig",
  );
  const namespace = object.metadata.namespace ?? request.namespace;
  const [clusters, pools, teams] = await Promise.all([
    operation === "CREATE" ? [] : facts.clusters(),
    operation === "DELETE" ? [] : facts.pools(),
    operation === "DELETE" ? [] : facts.teams(),
  ]);
  const decision = decideProvider({
    operation,
    object,
    ...(operation === "UPDATE" ? { oldObject: objectOf<ProviderConfig>(request.oldObject, "ProviderConfig") } : {}),
    clusters,
    poolNames: new Set(pools.filter((p) => p.metadata.namespace === namespace).map((p) => p.metadata.name as string)),
    teamNames: new Set(teams.map((t) => t.metadata.name as string)),
  });
  return answerOf(decision);
}

async function judgePolicy(facts: Facts, request: ReviewRequest): Promise<ReviewAnswer> {
  const { operation } = request;
  if (operation !== "CREATE" && operation !== "UPDATE") return ALLOWED;
  const object = objectOf<ClusterCreationPolicy>(request.object, "ClusterCreationPolicy");
  const teamName = policyTeamOf(object);
  const [team, policies] = await Promise.all([
    teamName === undefined ? undefined : facts.team(teamName),
    facts.policies(),
  ]);
  return answerOf(
    decideCreationPolicy({
      operation,
      object,
      ...(operation === "UPDATE"
        ? { oldObject: objectOf<ClusterCreationPolicy>(request.oldObject, "ClusterCreationPolicy") }
        : {}),
      ...(team === undefined ? {} : { team }),
      policies,
    }),
  );
}

async function applyDefaults({ facts, cachedTeam }: JudgeParts, request: ReviewRequest): Promise<ReviewAnswer> {
  if (request.operation !== "CREATE") return ALLOWED;
  const object = objectOf<TenantCluster>(request.object, "TenantCluster");
  // The namespace is the request's: an object under creation need not name its own.
  const located = {
    ...object,
    metadata: { ...object.metadata, namespace: object.metadata.namespace ?? request.namespace },
  };
  const name = teamNameOf(located);
  const team = cachedTeam(name) ?? (await facts.team(name));
  const written = requestFromLastApplied(object);
  const patch = clusterDefaultOperations({
    object: located,
    ...(team === undefined ? {} : { team }),
    ...(written === undefined ? {} : { request: written }),
  });
  return { allowed: true, patch };
}
