// What a NetworkPool must be like on its own. The sentences are those clients of the original know.

import { type FieldError, invalid } from "@holdfast/apimachinery/meta/field-error";
import type { NetworkPool } from "@holdfast/contracts/butler-api/network-pool";
import type { Finding } from "../decision.ts";
import { type Cidr, contains, type Interval, intersect, parseAddress, parseCidr } from "./ipv4.ts";
import { effectiveRanges, networkAndBroadcast, readRange, type WrittenRange } from "./pool-addresses.ts";

/** Everything wrong with the pool's own spec, as `spec: Invalid value: "<cidr>": …`. */
export function poolSpecFindings(pool: NetworkPool): Finding[] {
  const cidr = pool.spec?.cidr ?? "";
  const found = (detail: string): Finding => ({ code: "POOL_SPEC", error: specError(cidr, detail) });
  const block = parseCidr(cidr);
  if (block === undefined) return [found(`invalid pool CIDR: invalid CIDR address: ${cidr}`)];
  const ranges = effectiveRanges(pool);
  const reserved = (pool.spec?.reserved ?? []).map((entry) => entry.cidr);
  return [
    ...reservedTexts(reserved, block, cidr),
    ...halfRangeTexts(pool),
    ...rangeTexts(ranges, block, cidr),
    ...straddleTexts(reserved, ranges),
  ].map(found);
}

/** A finding about the pool as a whole. */
export function specError(cidr: string, detail: string): FieldError {
  return invalid("spec", cidr, detail);
}

function reservedTexts(reserved: readonly string[], block: Cidr, cidr: string): string[] {
  return reserved.flatMap((text) => {
    const part = parseCidr(text);
    if (part === undefined) return [`invalid reserved CIDR ${JSON.stringify(text)}: invalid CIDR address: ${text}`];
    if (contains(block, part)) return [];
    return [`reserved CIDR ${JSON.stringify(text)} is not within pool CIDR ${JSON.stringify(cidr)}`];
  });
}

/** One end of a range says nothing; it was the whole block that got handed out. */
function halfRangeTexts(pool: NetworkPool): string[] {
  const allocation = pool.spec?.tenantAllocation;
  if ((allocation?.ranges ?? []).length > 0) return [];
  const { start = "", end = "" } = allocation ?? {};
  if ((start === "") === (end === "")) return [];
  return [
    `tenantAllocation.${start === "" ? "end" : "start"} is set without tenantAllocation.${start === "" ? "start" : "end"}`,
  ];
}

function rangeTexts(ranges: readonly WrittenRange[], block: Cidr, cidr: string): string[] {
  const texts: string[] = [];
  for (const [index, range] of ranges.entries()) {
    const first = parseAddress(range.start);
    const last = parseAddress(range.end);
    if (first === undefined || last === undefined) {
      const [end, value] = first === undefined ? ["start", range.start] : ["end", range.end];
      texts.push(`ranges[${index}].${end} ${JSON.stringify(value)} is not a valid IPv4 address`);
      continue;
    }
    if (first > last) {
      texts.push(`ranges[${index}] start ${range.start} is after end ${range.end}`);
      continue;
    }
    if (!contains(block, { first, last })) {
      texts.push(`ranges[${index}] (${range.start}-${range.end}) falls outside pool CIDR ${cidr}`);
    }
    const before = ranges[index - 1];
    const beforeLast = before === undefined ? undefined : parseAddress(before.end);
    if (before !== undefined && beforeLast !== undefined && first <= beforeLast) {
      texts.push(
        `ranges must be sorted by start IP and non-overlapping; ranges[${index}].start (${range.start}) must be greater than ranges[${index - 1}].end (${before.end})`,
      );
    }
  }
  return texts;
}

/** A reserved part lies inside of a range or outside of it, never across its edge. */
function straddleTexts(reserved: readonly string[], ranges: readonly WrittenRange[]): string[] {
  const texts: string[] = [];
  for (const text of reserved) {
    const part = parseCidr(text);
    if (part === undefined) continue;
    for (const [index, range] of ranges.entries()) {
      const interval = readRange(range);
      if (interval === undefined) continue;
      if (holds(interval, part.first) !== holds(interval, part.last)) {
        texts.push(`reserved CIDR ${text} straddles ranges[${index}] boundary (${range.start}-${range.end})`);
      }
    }
  }
  return texts;
}

function holds(interval: Interval, address: number): boolean {
  return address >= interval.first && address <= interval.last;
}

/** What an admin should hear about a pool that is allowed. */
export function poolWarnings(pool: NetworkPool): string[] {
  const warnings: string[] = [];
  const { start = "", end = "", ranges = [] } = pool.spec?.tenantAllocation ?? {};
  if (start !== "" && end !== "") {
    warnings.push(
      ranges.length > 0
        ? "Start/End are ignored when Ranges is present; remove them"
        : `Start/End fields are deprecated; migrate to Ranges. Equivalent configuration:\n  tenantAllocation:\n    ranges:\n    - start: ${start}\n      end: ${end}`,
    );
  }
  const block = parseCidr(pool.spec?.cidr ?? "");
  const written = effectiveRanges(pool)
    .map(readRange)
    .filter((range) => range !== undefined);
  if (block !== undefined && intersect(written, networkAndBroadcast(block)).length > 0) {
    warnings.push(`the network and broadcast address of ${pool.spec?.cidr} are in a range; they are never handed out`);
  }
  return warnings;
}
