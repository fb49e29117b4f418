// IPv4 addresses as whole numbers 0..4294967295, and sets of them as sorted intervals. Exact, and bounded by the number of
// intervals, never by the number of addresses.

/** Both ends included. */
export interface Interval {
  readonly first: number;
  readonly last: number;
}

/** An IPv4 network. */
export interface Cidr extends Interval {
  /** 0..32 */
  readonly prefix: number;
}

/** Reads `a.b.c.d`; undefined for anything else, leading zeros included (they mean octal to some readers). */
export function parseAddress(text: string): number | undefined {
  if (text.length > 15) return undefined;
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let address = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part)) return undefined;
    const value = Number(part);
    if (value > 255) return undefined;
    address = address * 256 + value;
  }
  return address;
}

/** Reads `a.b.c.d/n`. Bits behind the prefix are cleared, as Go's ParseCIDR does for the network. */
export function parseCidr(text: string): Cidr | undefined {
  if (text.length > 18) return undefined;
  const slash = text.indexOf("/");
  const address = parseAddress(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (slash < 0 || address === undefined || !/^(0|[1-9]\d?)$/.test(length)) return undefined;
  const prefix = Number(length);
  if (prefix > 32) return undefined;
  const size = 2 ** (32 - prefix);
  const first = address - (address % size);
  return { first, last: first + size - 1, prefix };
}

/** Writes an address. */
export function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** Writes an interval: one address alone, several as `first-last`. */
export function intervalText(interval: Interval): string {
  const first = addressText(interval.first);
  return interval.first === interval.last ? first : `${first}-${addressText(interval.last)}`;
}

/** Whether `inner` lies inside of `outer`. */
export function contains(outer: Interval, inner: Interval): boolean {
  return inner.first >= outer.first && inner.last <= outer.last;
}

/** How many addresses a set holds. */
export function sizeOf(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, interval) => sum + interval.last - interval.first + 1, 0);
}

/** The set as ascending, disjoint, unmergeable intervals. */
export function union(intervals: readonly Interval[]): Interval[] {
  const sorted = [...intervals].sort((a, b) => a.first - b.first);
  const out: Interval[] = [];
  for (const interval of sorted) {
    const last = out.at(-1);
    if (last !== undefined && interval.first <= last.last + 1) {
      out[out.length - 1] = { first: last.first, last: Math.max(last.last, interval.last) };
    } else {
      out.push({ first: interval.first, last: interval.last });
    }
  }
  return out;
}

/** Addresses in both sets. */
export function intersect(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  const [left, right] = [union(a), union(b)];
  const out: Interval[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const [x, y] = [left[i], right[j]];
    if (x === undefined || y === undefined) return out;
    const first = Math.max(x.first, y.first);
    const last = Math.min(x.last, y.last);
    if (first <= last) out.push({ first, last });
    if (x.last < y.last) i++;
    else j++;
  }
}

/** Addresses of `a` that are not in `b`. */
export function subtract(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  const holes = union(b);
  const out: Interval[] = [];
  let j = 0;
  for (const interval of union(a)) {
    let { first } = interval;
    while (j < holes.length && (holes[j] as Interval).last < first) j++;
    let k = j;
    for (let hole = holes[k]; hole !== undefined && hole.first <= interval.last; hole = holes[++k]) {
      if (hole.first > first) out.push({ first, last: hole.first - 1 });
      first = hole.last + 1;
    }
    if (first <= interval.last) out.push({ first, last: interval.last });
  }
  return out;
}
