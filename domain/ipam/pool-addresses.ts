// Which addresses a pool hands out, and which an allocation holds.

import type { IPAllocation } from "@holdfast/contracts/butler-api/ip-allocation";
import type { NetworkPool } from "@holdfast/contracts/butler-api/network-pool";
import { type Cidr, type Interval, parseAddress, parseCidr, subtract, union } from "./ipv4.ts";

/** A range of a pool as it was written. */
export interface WrittenRange {
  readonly start: string;
  readonly end: string;
}

/** The ranges in force: `ranges`, else `start` and `end` as the only one, else none. */
export function effectiveRanges(pool: NetworkPool): readonly WrittenRange[] {
  const allocation = pool.spec?.tenantAllocation;
  if ((allocation?.ranges ?? []).length > 0) return allocation?.ranges ?? [];
  const { start = "", end = "" } = allocation ?? {};
  return start !== "" && end !== "" ? [{ start, end }] : [];
}

/** Network and broadcast address of a block, which no machine can have. Blocks of one or two addresses have neither. */
export function networkAndBroadcast(block: Cidr): Interval[] {
  if (block.prefix > 30) return [];
  return [
    { first: block.first, last: block.first },
    { first: block.last, last: block.last },
  ];
}

/** What the pool reserves; what cannot be read reserves nothing. */
export function reservedIntervals(pool: NetworkPool): Interval[] {
  return union(
    (pool.spec?.reserved ?? []).map((reserved) => parseCidr(reserved.cidr)).filter((cidr) => cidr !== undefined),
  );
}

/**
 * Every address the pool may hand out: its ranges, or the whole block without any; never a reserved one, never the network or
 * broadcast address of the block. Empty for a pool that cannot be read.
 */
export function allocatableIntervals(pool: NetworkPool): Interval[] {
  const block = parseCidr(pool.spec?.cidr ?? "");
  if (block === undefined) return [];
  const ranges = effectiveRanges(pool);
  const wanted = ranges.length === 0 ? [block] : ranges.map(readRange).filter((range) => range !== undefined);
  return subtract(wanted, [...reservedIntervals(pool), ...networkAndBroadcast(block)]);
}

/** A range as addresses; undefined where it is none or runs backwards. */
export function readRange(range: WrittenRange): Interval | undefined {
  const first = parseAddress(range.start);
  const last = parseAddress(range.end);
  return first === undefined || last === undefined || first > last ? undefined : { first, last };
}

/** The addresses an allocation holds, in the order it lists them; from first to last where it lists none. */
export function heldIntervals(allocation: IPAllocation): Interval[] {
  const { addresses = [], startAddress = "", endAddress = "" } = allocation.status ?? {};
  if (addresses.length > 0) {
    return addresses
      .map(parseAddress)
      .filter((address) => address !== undefined)
      .map((address) => ({ first: address, last: address }));
  }
  const range = readRange({ start: startAddress, end: endAddress });
  return range === undefined ? [] : [range];
}

/** Whether an allocation belongs to a pool, by its label or its reference. */
export function isFrom(allocation: IPAllocation, label: string, pool: string): boolean {
  return allocation.metadata.labels?.[label] === pool || allocation.spec?.poolRef.name === pool;
}
