// How a stored cluster stands towards its limits: pure. Admission judges requests; this judges what is there, again and again,
// since limits are lowered, providers change hands and webhooks may have been away.

import type { ProviderConfig } from "@holdfast/contracts/butler-api/provider-config";
import type { Team } from "@holdfast/contracts/butler-api/team";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import type { Finding } from "@holdfast/domain/decision";
import { type Account, accountOf, environmentOf, keyOf, teamNameOf } from "@holdfast/domain/quota/account";
import { clusterCountFindings, memberCountFindings } from "@holdfast/domain/quota/environment-rules";
import { providerLimitFindings, scopeFinding } from "@holdfast/domain/quota/provider-rules";
import { teamLimitFindings } from "@holdfast/domain/quota/team-limit-rules";
import type { Verdict } from "../conditions.ts";

export interface StandingFacts {
  readonly cluster: TenantCluster;
  readonly team: Team | undefined;
  readonly providerConfig: ProviderConfig;
  /** Every TenantCluster. */
  readonly clusters: readonly TenantCluster[];
}

/** ProviderAccessGranted and QuotaSatisfied. Room goes to who came first, so that of two clusters only the later one is over. */
export function standingVerdicts(facts: StandingFacts): readonly [Verdict, Verdict] {
  return [accessVerdict(facts), quotaVerdict(facts)];
}

function accessVerdict(facts: StandingFacts): Verdict {
  const next = accountOnce(facts.cluster);
  const scope = scopeFinding({
    object: facts.cluster,
    oldObject: undefined,
    providerConfig: facts.providerConfig,
    next,
    previous: undefined,
    neighbours: [],
  });
  const type = "ProviderAccessGranted";
  return scope === undefined
    ? { type, status: "True", reason: "Ready", message: "the team may use the provider" }
    : { type, status: "False", reason: "ProviderAccessDenied", message: scope.error.detail };
}

function quotaVerdict(facts: StandingFacts): Verdict {
  const { cluster, team, providerConfig } = facts;
  const next = accountOnce(cluster);
  const earlier = facts.clusters.filter((other) => isEarlier(other, cluster)).map(accountOnce);
  const inTeam = earlier.filter((account) => account.team === next.team && keyOf(account) !== keyOf(next));
  const teamName = teamNameOf(cluster);
  const environment = team?.spec?.environments?.find((candidate) => candidate.name === environmentOf(cluster));
  const limit = { team: teamName, environment, joins: true, owner: next.owner, others: inTeam };
  const quota: Finding[] = [
    ...providerLimitFindings({
      object: cluster,
      oldObject: undefined,
      providerConfig,
      next,
      previous: undefined,
      neighbours: earlier.filter((account) => account.namespace === next.namespace),
    }),
    ...teamLimitFindings({
      team: teamName,
      limits: team?.spec?.resourceLimits,
      next,
      previous: undefined,
      others: inTeam,
    }),
  ];
  const type = "QuotaSatisfied";
  const refused = (reason: "QuotaExceeded" | "EnvQuotaExceeded" | "PerMemberCapExceeded", findings: Finding[]) =>
    ({ type, status: "False", reason, message: findings.map((f) => f.error.detail).join("; ") }) as const;
  if (quota.length > 0) return refused("QuotaExceeded", quota);
  if (environment !== undefined) {
    const count = clusterCountFindings({ ...limit, environment });
    if (count.length > 0) return refused("EnvQuotaExceeded", count);
    const member = memberCountFindings({ ...limit, environment });
    if (member.length > 0) return refused("PerMemberCapExceeded", member);
  }
  return { type, status: "True", reason: "Ready", message: "the cluster is within every limit" };
}

function isEarlier(other: TenantCluster, cluster: TenantCluster): boolean {
  const [a, b] = [other.metadata, cluster.metadata];
  const [first, second] = [String(a.creationTimestamp ?? ""), String(b.creationTimestamp ?? "")];
  return first === second ? (a.uid ?? "") < (b.uid ?? "") : first < second;
}

const ACCOUNTS = new WeakMap<TenantCluster, Account>();

/** Every cluster is counted in every pass of every other: what is counted never changes, a changed cluster is another object. */
function accountOnce(cluster: TenantCluster): Account {
  let account = ACCOUNTS.get(cluster);
  if (account === undefined) {
    account = accountOf(cluster);
    ACCOUNTS.set(cluster, account);
  }
  return account;
}
