// What keeps a cluster from being brought about, and when to look again: pure.

import type { ProviderConfig } from "@holdfast/contracts/butler-api/provider-config";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import type { Verdict } from "../conditions.ts";
import type { Surroundings } from "./gather.ts";
import { standingVerdicts } from "./standing.ts";
import { type Obstacle, wasReady } from "./status.ts";
import { tenancyFault } from "./tenancy.ts";

export interface Judged {
  /** Undefined: nothing stands in the way. */
  readonly obstacle?: Obstacle;
  /** What was found on the way. */
  readonly verdicts: readonly Verdict[];
}

/**
 * Tenancy, provider, access and limits, in this order.
 *
 * @param hasProvider - whether this controller can make clusters at providers of that kind
 */
export function decideObstacle(cluster: TenantCluster, around: Surroundings, hasProvider: boolean): Judged {
  const { config, team, providerRef, providerConfig } = around;
  const fault = tenancyFault({ cluster, config, team });
  if (fault !== undefined)
    return {
      obstacle: { phase: fault.wait ? "Pending" : "Failed", reason: fault.reason, message: fault.message },
      verdicts: [],
    };
  if (providerConfig === undefined) {
    const message = `ProviderConfig ${JSON.stringify(`${providerRef.namespace}/${providerRef.name}`)} does not exist; create it, or set spec.providerConfigRef to one that does`;
    return { obstacle: { phase: "Pending", reason: "ProviderConfigNotFound", message }, verdicts: [] };
  }
  if (!hasProvider) {
    const kind = providerConfig.spec?.provider ?? "";
    const message = `this controller cannot make clusters at providers of kind ${JSON.stringify(kind)}`;
    return { obstacle: { phase: "Failed", reason: "InvalidConfiguration", message }, verdicts: [] };
  }
  const verdicts = standingVerdicts({ cluster, team, providerConfig, clusters: around.clusters });
  const unmet = verdicts.find((verdict) => verdict.status === "False");
  // What runs goes on running when a limit is lowered under it: it is said, not taken away.
  if (unmet === undefined || wasReady(cluster)) return { verdicts };
  return { obstacle: { phase: "Pending", reason: unmet.reason, message: unmet.message }, verdicts };
}

/** What a kind of provider settles by itself. */
export function settledVerdicts(providerConfig: ProviderConfig | undefined): Verdict[] {
  if (providerConfig?.spec?.provider !== "local") return [];
  return [
    {
      type: "NetworkReady",
      status: "True",
      reason: "NetworkReachable",
      message: "the local provider listens on loopback addresses; no pool is asked",
    },
    {
      type: "AddonsReady",
      status: "True",
      reason: "Ready",
      message: "the built-in addons need container images, which the local provider does not run; none is installed",
    },
  ];
}

const INTERVALS: readonly (readonly [olderThanMs: number, everyMs: number])[] = [
  [24 * 3_600_000, 15 * 60_000],
  [3_600_000, 5 * 60_000],
];
const FIRST_INTERVAL_MS = 60_000;

/** How often a Ready cluster is looked at, in milliseconds: more rarely the older it is. */
export function readyIntervalMs(cluster: TenantCluster, nowMs: number): number {
  const age = nowMs - Date.parse(String(cluster.metadata.creationTimestamp ?? ""));
  return INTERVALS.find(([olderThan]) => age >= olderThan)?.[1] ?? FIRST_INTERVAL_MS;
}
