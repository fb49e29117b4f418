// Whether a NetworkPool may be created, changed or deleted (vnetworkpool.kb.io).

import { forbidden } from "@holdfast/apimachinery/meta/field-error";
import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import type { IPAllocation } from "@holdfast/contracts/butler-api/ip-allocation";
import { LABELS } from "@holdfast/contracts/butler-api/names";
import type { NetworkPool } from "@holdfast/contracts/butler-api/network-pool";
import type { ProviderConfig } from "@holdfast/contracts/butler-api/provider-config";
import { allow, type Decision, decideBy, type Finding, refuseFindings } from "../decision.ts";
import { addressText, contains, type Interval, intersect, intervalText, parseCidr, subtract } from "./ipv4.ts";
import {
  allocatableIntervals,
  effectiveRanges,
  heldIntervals,
  isFrom,
  readRange,
  reservedIntervals,
} from "./pool-addresses.ts";
import { poolSpecFindings, poolWarnings, specError } from "./pool-spec-rules.ts";

/** What is needed to decide about a NetworkPool. */
export interface PoolFacts {
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  /** On DELETE the object that is to go. */
  readonly object: NetworkPool;
  /** The stored object; on UPDATE only. */
  readonly oldObject?: NetworkPool;
  /** All IPAllocations of all namespaces, or at least those of the pool (by label network-pool or spec.poolRef). */
  readonly allocations: readonly IPAllocation[];
  /** All NetworkPools of all namespaces; the pool itself may be among them. Not needed on DELETE. */
  readonly pools: readonly NetworkPool[];
  /** All ProviderConfigs of the pool's namespace. Needed on DELETE only. */
  readonly providerConfigs: readonly ProviderConfig[];
}

/** Decides about the creation, change or deletion of a NetworkPool. */
export function decidePool(facts: PoolFacts): Decision {
  if (facts.operation === "DELETE") return decideBy(inUseFindings(facts));
  const { object } = facts;
  const old = facts.operation === "UPDATE" ? facts.oldObject : undefined;
  // What does not change is not judged again: finalizers and labels must pass whatever the pool looks like.
  if (old !== undefined && jsonEqual(object.spec, old.spec)) return allow();
  const findings = poolSpecFindings(object);
  if (findings.length > 0) return refuseFindings(findings, poolWarnings(object));
  const further = [...overlapFindings(facts, old), ...(old === undefined ? [] : changeFindings(facts, old))];
  return decideBy(further, poolWarnings(object));
}

/** Two pools that hand out one address would give it to two machines. What overlapped before is left to whoever changes it. */
function overlapFindings(facts: PoolFacts, old: NetworkPool | undefined): Finding[] {
  const before = old === undefined ? [] : allocatableIntervals(old);
  const added = subtract(allocatableIntervals(facts.object), before);
  const findings: Finding[] = [];
  for (const other of facts.pools) {
    if (isSamePool(other, facts.object)) continue;
    const both = intersect(added, allocatableIntervals(other))[0];
    if (both === undefined) continue;
    const detail = `addresses ${intervalText(both)} are also handed out by NetworkPool ${JSON.stringify(other.metadata.name ?? "")} in namespace ${JSON.stringify(other.metadata.namespace ?? "")}`;
    findings.push({ code: "POOL_SPEC", error: specError(facts.object.spec?.cidr ?? "", detail) });
  }
  return findings;
}

function changeFindings(facts: PoolFacts, old: NetworkPool): Finding[] {
  const shrunk = shrinkFinding(facts.object, old);
  if (shrunk !== undefined) return [shrunk];
  const allocated = allocationsOf(facts).filter((allocation) => allocation.status?.phase === "Allocated");
  return [...narrowFindings(facts.object, old, allocated), ...reserveFindings(facts.object, old, allocated)];
}

function shrinkFinding(object: NetworkPool, old: NetworkPool): Finding | undefined {
  const [cidr, before] = [object.spec?.cidr ?? "", old.spec?.cidr ?? ""];
  const [block, oldBlock] = [parseCidr(cidr), parseCidr(before)];
  if (cidr === before || block === undefined || oldBlock === undefined || contains(block, oldBlock)) return undefined;
  const detail = `new CIDR ${JSON.stringify(cidr)} does not contain the previous CIDR ${JSON.stringify(before)}; shrinking a pool may orphan existing allocations`;
  return { code: "POOL_SHRINK", error: forbidden("spec.cidr", detail) };
}

function narrowFindings(object: NetworkPool, old: NetworkPool, allocated: readonly IPAllocation[]): Finding[] {
  const ranges = effectiveRanges(object);
  if (ranges.length === 0 || jsonEqual(ranges, effectiveRanges(old))) return [];
  const offered = ranges.map(readRange).filter((range) => range !== undefined);
  const findings: Finding[] = [];
  for (const allocation of allocated) {
    const outside = subtract(heldIntervals(allocation), offered)[0];
    if (outside === undefined) continue;
    const listed = (allocation.status?.addresses ?? []).length > 0;
    const what = listed
      ? `address ${firstOutside(allocation, offered)}`
      : `addresses ${allocation.status?.startAddress}-${allocation.status?.endAddress}`;
    const detail = `cannot narrow tenant allocation ranges: IPAllocation ${JSON.stringify(allocation.metadata.name ?? "")} has ${what} outside the proposed ranges. Migrate or delete affected allocations first`;
    findings.push({ code: "POOL_NARROW", error: forbidden("spec.tenantAllocation", detail) });
  }
  return findings;
}

function firstOutside(allocation: IPAllocation, offered: readonly Interval[]): string {
  const held = heldIntervals(allocation).find((interval) => !offered.some((range) => contains(range, interval)));
  return held === undefined ? "" : addressText(held.first);
}

/** An address in use must not become reserved: it would be held and forbidden at once. */
function reserveFindings(object: NetworkPool, old: NetworkPool, allocated: readonly IPAllocation[]): Finding[] {
  const added = subtract(reservedIntervals(object), reservedIntervals(old));
  const findings: Finding[] = [];
  if (added.length === 0) return findings;
  for (const allocation of allocated) {
    const caught = intersect(added, heldIntervals(allocation))[0];
    if (caught === undefined) continue;
    const detail = `cannot reserve ${addressText(caught.first)}: IPAllocation ${JSON.stringify(allocation.metadata.name ?? "")} in namespace ${JSON.stringify(allocation.metadata.namespace ?? "")} holds it. Migrate or delete affected allocations first`;
    findings.push({ code: "POOL_RESERVES_ALLOCATED", error: forbidden("spec.reserved", detail) });
  }
  return findings;
}

function inUseFindings(facts: PoolFacts): Finding[] {
  const pool = facts.object.metadata.name ?? "";
  const cannot = `cannot delete NetworkPool ${JSON.stringify(pool)}:`;
  for (const phase of ["Allocated", "Pending"] as const) {
    const user = allocationsOf(facts).find((allocation) => (allocation.status?.phase ?? "Pending") === phase);
    if (user !== undefined) {
      const detail = `${cannot} IPAllocation ${JSON.stringify(user.metadata.name ?? "")} in namespace ${JSON.stringify(user.metadata.namespace ?? "")} is still in phase ${phase}`;
      return [{ code: "POOL_IN_USE", error: forbidden("metadata.name", detail) }];
    }
  }
  const provider = facts.providerConfigs.find(
    (config) =>
      config.metadata.namespace === facts.object.metadata.namespace &&
      (config.spec?.network?.poolRefs ?? []).some((ref) => ref.name === pool),
  );
  if (provider === undefined) return [];
  const detail = `${cannot} ProviderConfig ${JSON.stringify(provider.metadata.name ?? "")} in namespace ${JSON.stringify(provider.metadata.namespace ?? "")} still references it`;
  return [{ code: "POOL_IN_USE", error: forbidden("metadata.name", detail) }];
}

function allocationsOf(facts: PoolFacts): IPAllocation[] {
  return facts.allocations.filter((allocation) =>
    isFrom(allocation, LABELS.networkPool, facts.object.metadata.name ?? ""),
  );
}

function isSamePool(a: NetworkPool, b: NetworkPool): boolean {
  return a.metadata.name === b.metadata.name && a.metadata.namespace === b.metadata.namespace;
}
