import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import type { Denied } from "@holdfast/domain/decision";
import { accountOf, environmentOf, ownerOf, teamNameOf } from "@holdfast/domain/quota/account";
import { providerRefOf } from "@holdfast/domain/quota/provider-rules";
import { type Ledger, reconcile, reservationsOf, tryReserve } from "@holdfast/domain/quota/reservation";
import { decideTenantCluster, type TenantClusterFacts } from "@holdfast/domain/quota/tenant-cluster-decision";
import { decideByRole, type JudgeParts } from "./judges.ts";
import { answerOf, objectOf, type ReviewAnswer, type ReviewRequest } from "./review.ts";

/**
 * vtenantcluster.kb.io: decides, and reserves the quota of what it lets pass before it says so.
 *
 * A dry run reserves nothing.
 */
export async function judgeTenantCluster(parts: JudgeParts, request: ReviewRequest): Promise<ReviewAnswer> {
  const { operation, caller } = request;
  if (operation !== "CREATE" && operation !== "UPDATE") return { allowed: true };
  const { facts } = parts;
  const object = located(objectOf<TenantCluster>(request.object, "TenantCluster"), request);
  const oldObject =
    operation === "UPDATE" ? located(objectOf<TenantCluster>(request.oldObject, "TenantCluster"), request) : undefined;
  const teamName = teamNameOf(object);
  const namespace = object.metadata.namespace ?? "";
  const ref = providerRefOf(object);
  const [team, namespaceTeam, providerConfig, policies] = await Promise.all([
    facts.team(teamName),
    teamName === namespace ? undefined : facts.team(namespace),
    ref === undefined ? undefined : facts.providerConfig(ref),
    ref === undefined ? [] : facts.policies(),
  ]);
  const known = {
    operation,
    caller,
    object,
    ...(oldObject === undefined ? {} : { oldObject }),
    ...(team === undefined ? {} : { team }),
    ...(namespaceTeam === undefined ? {} : { namespaceTeam }),
    ...(providerConfig === undefined ? {} : { providerConfig }),
    policies,
  };
  const decide = (clusters: readonly TenantCluster[], ledger: Ledger | undefined) =>
    decideByRole(facts, caller, (platformAdmin) =>
      decideTenantCluster({
        ...known,
        platformAdmin,
        clusters,
        ...(ledger === undefined ? {} : { reservations: reservationsOf(ledger, teamName, parts.now()) }),
      } satisfies TenantClusterFacts),
    );
  const mayConsume = team !== undefined && !request.dryRun && !sameConsumption(object, oldObject);
  if (!mayConsume) return answerOf(await decide(await facts.clusters(), undefined));

  let allowed: ReviewAnswer = { allowed: true };
  const refusal = await parts.ledger.update(teamName, async (ledger): Promise<Ledger | Denied> => {
    const clusters = await facts.clusters();
    const accounts = clusters.map(accountOf);
    const current = reconcile(ledger, accounts, parts.now());
    const decision = await decide(clusters, current);
    if (!decision.allowed) return decision;
    allowed = answerOf(decision);
    const reserved = tryReserve(
      current,
      { next: accountOf(object), ...(oldObject === undefined ? {} : { previous: accountOf(oldObject) }) },
      { team, observed: accounts, now: parts.now() },
    );
    return reserved.ok ? reserved.ledger : reserved.refusal;
  });
  return refusal === undefined ? allowed : answerOf(refusal);
}

function located(object: TenantCluster, request: ReviewRequest): TenantCluster {
  return object.metadata.namespace === undefined
    ? { ...object, metadata: { ...object.metadata, namespace: request.namespace } }
    : object;
}

/** Updates that change nothing a quota counts (other labels, finalizers, addons) need no reservation. */
function sameConsumption(object: TenantCluster, oldObject: TenantCluster | undefined): boolean {
  if (oldObject === undefined) return false;
  const mark = (cluster: TenantCluster) =>
    JSON.stringify([teamNameOf(cluster), environmentOf(cluster), ownerOf(cluster), cluster.spec?.workers]);
  return mark(object) === mark(oldObject);
}
