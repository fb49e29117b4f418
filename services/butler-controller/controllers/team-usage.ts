// What the clusters of a team take up, against its limits: pure.

import type { Team } from "@holdfast/contracts/butler-api/team";
import { type Account, totalUsage } from "@holdfast/domain/quota/account";
import { compareQuantities, parseQuantity, type Quantity, quantityText } from "@holdfast/domain/quota/quantity";
import type { Verdict } from "./conditions.ts";

type TeamStatus = NonNullable<Team["status"]>;
export type TeamUsage = Required<Pick<TeamStatus, "resourceUsage" | "quotaStatus" | "quotaMessage">>;

/** From this share of a limit on, a team is warned. */
const WARNING_PERCENT = 80;

interface Gauge {
  readonly name: string;
  readonly field: "clusterUtilization" | "nodeUtilization" | "cpuUtilization" | "memoryUtilization" | undefined;
  readonly used: Quantity | number;
  /** Undefined: no limit. */
  readonly limit: Quantity | number | undefined;
}

/** Usage, its share of each limit (at most 100), and whether a limit is near or exceeded. */
export function teamUsage(team: Team, accounts: readonly Account[]): TeamUsage {
  const usage = totalUsage(accounts);
  const limits = team.spec?.resourceLimits ?? {};
  const gauges: Gauge[] = [
    { name: "clusters", field: "clusterUtilization", used: accounts.length, limit: limits.maxClusters },
    { name: "worker nodes", field: "nodeUtilization", used: usage.nodes, limit: limits.maxTotalNodes },
    { name: "CPU", field: "cpuUtilization", used: usage.cpu, limit: parseQuantity(limits.maxCPUCores) },
    { name: "memory", field: "memoryUtilization", used: usage.memory, limit: parseQuantity(limits.maxMemory) },
    { name: "storage", field: undefined, used: usage.storage, limit: parseQuantity(limits.maxStorage) },
  ];
  const shares: Partial<Record<NonNullable<Gauge["field"]>, number>> = {};
  const exceeded: string[] = [];
  const near: string[] = [];
  for (const gauge of gauges) {
    if (gauge.limit === undefined) continue;
    const percent = share(gauge.used, gauge.limit);
    const text = `${gauge.name} ${show(gauge.used)} of ${show(gauge.limit)}`;
    if (isOver(gauge.used, gauge.limit)) exceeded.push(text);
    else if (percent >= WARNING_PERCENT) near.push(text);
    if (gauge.field !== undefined) shares[gauge.field] = Math.min(percent, 100);
  }
  return {
    resourceUsage: {
      clusters: accounts.length,
      totalNodes: usage.nodes,
      totalCPU: quantityText(usage.cpu),
      totalMemory: quantityText(usage.memory),
      totalStorage: quantityText(usage.storage),
      ...shares,
    },
    quotaStatus: exceeded.length > 0 ? "Exceeded" : near.length > 0 ? "Warning" : "OK",
    quotaMessage: exceeded.length > 0 ? `Over the limit: ${exceeded.join(", ")}` : near.join(", "),
  };
}

/** The condition QuotaExceeded. */
export function quotaVerdict(usage: TeamUsage): Verdict {
  const type = "QuotaExceeded";
  return usage.quotaStatus === "Exceeded"
    ? { type, status: "True", reason: "QuotaExceeded", message: usage.quotaMessage }
    : { type, status: "False", reason: "Ready", message: "the team is within its limits" };
}

function nanoOf(amount: Quantity | number): bigint {
  return typeof amount === "number" ? BigInt(amount) * 1_000_000_000n : amount.nano;
}

/** In percent, rounded down: 100 is said of what is full, not of what is nearly so. A limit of 0 is full. */
function share(used: Quantity | number, limit: Quantity | number): number {
  const of = nanoOf(limit);
  return of === 0n ? 100 : Number((nanoOf(used) * 100n) / of);
}

function isOver(used: Quantity | number, limit: Quantity | number): boolean {
  return typeof used === "number" || typeof limit === "number"
    ? nanoOf(used) > nanoOf(limit)
    : compareQuantities(used, limit) > 0;
}

function show(amount: Quantity | number): string {
  return typeof amount === "number" ? String(amount) : quantityText(amount);
}
