// The hard limits of a team. What a request adds is what counts: one that adds nothing is never refused for a limit that is
// already exceeded, so that finalizers, labels and shrinking work after a limit was lowered.

import { forbidden } from "@holdfast/apimachinery/meta/field-error";
import type { TeamResourceLimits } from "@holdfast/contracts/butler-api/team";
import type { Finding } from "../decision.ts";
import { type Account, addUsage, NO_USAGE, totalUsage, type Usage } from "./account.ts";
import { compareQuantities, parseQuantity, type Quantity, quantityText } from "./quantity.ts";

/** The limits that bind a team, and for whom. */
export interface TeamLimitFacts {
  readonly team: string;
  /**
   * The team's own limits; absent: none. Limits of the platform for teams without any (ButlerConfig) and the lists of allowed
   * and denied addons, versions and providers join here, once they are enforced.
   */
  readonly limits: TeamResourceLimits | undefined;
  /** The cluster as asked for. */
  readonly next: Account;
  /** The cluster as stored; undefined for a new one or one that joins the team. */
  readonly previous: Account | undefined;
  /** The team's other clusters, stored and reserved. */
  readonly others: readonly Account[];
}

const QUANTITY_RULES = [
  { limit: "maxCPUCores", resource: "cpu", label: "CPU" },
  { limit: "maxMemory", resource: "memory", label: "memory" },
  { limit: "maxStorage", resource: "storage", label: "storage" },
] as const satisfies readonly { limit: keyof TeamResourceLimits; resource: keyof Usage; label: string }[];

/** Every limit of the team the request breaks, in the order clients of the original know. */
export function teamLimitFindings(facts: TeamLimitFacts): Finding[] {
  const { limits, others, next } = facts;
  if (limits === undefined) return [];
  const before = facts.previous?.usage ?? NO_USAGE;
  const team = JSON.stringify(facts.team);
  const total = addUsage(totalUsage(others), next.usage);
  const findings: Finding[] = [];
  // A limit of 0 is a limit here: none allowed.
  if (facts.previous === undefined && limits.maxClusters !== undefined && others.length + 1 > limits.maxClusters) {
    findings.push(
      quota("spec", `team ${team} already has ${others.length} cluster(s); team quota limits to ${limits.maxClusters}`),
    );
  }
  const grows = next.usage.nodes > before.nodes;
  if (grows && limits.maxTotalNodes !== undefined && total.nodes > limits.maxTotalNodes) {
    findings.push(
      quota(
        "spec.workers.replicas",
        `total worker nodes (${total.nodes}) would exceed team ${team} node quota (${limits.maxTotalNodes})`,
      ),
    );
  }
  if (grows && limits.maxNodesPerCluster !== undefined && next.usage.nodes > limits.maxNodesPerCluster) {
    findings.push(
      quota(
        "spec.workers.replicas",
        `worker replicas (${next.usage.nodes}) exceeds team ${team} per-cluster node limit (${limits.maxNodesPerCluster})`,
      ),
    );
  }
  for (const rule of QUANTITY_RULES) {
    const limit = quantityLimit(limits[rule.limit]);
    if (limit === undefined || compareQuantities(next.usage[rule.resource], before[rule.resource]) <= 0) continue;
    const sum = total[rule.resource];
    if (compareQuantities(sum, limit) > 0) {
      findings.push(
        quota(
          "spec.workers",
          `total ${rule.label} (${quantityText(sum)}) would exceed team ${team} ${rule.label} quota (${quantityText(limit)})`,
        ),
      );
    }
  }
  return findings;
}

/** A quantity of 0 does not limit, as in the original. */
function quantityLimit(value: unknown): Quantity | undefined {
  const limit = parseQuantity(value);
  return limit === undefined || limit.nano === 0n ? undefined : limit;
}

function quota(field: string, detail: string): Finding {
  return { code: "CLUSTER_TEAM_QUOTA", error: forbidden(field, detail) };
}
