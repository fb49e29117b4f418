// Ranges of sizes and costs, in unsigned 64-bit arithmetic that stops at its maximum.

/** The most that is counted: 2^64. */
export const UNBOUNDED = 2 ** 64;

/** From the least to the most something may be. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

export const ZERO: Range = { min: 0, max: 0 };
export const ONE: Range = { min: 1, max: 1 };
export const UNKNOWN: Range = { min: 0, max: UNBOUNDED };

function capped(value: number): number {
  return Math.min(value, UNBOUNDED);
}

export function fixed(value: number): Range {
  return { min: value, max: value };
}

export function add(...ranges: readonly Range[]): Range {
  let { min, max } = ZERO;
  for (const range of ranges) {
    min = capped(min + range.min);
    max = capped(max + range.max);
  }
  return { min, max };
}

export function multiply(a: Range, b: Range): Range {
  return { min: capped(a.min * b.min), max: a.max === 0 || b.max === 0 ? 0 : capped(a.max * b.max) };
}

/** Times a factor, rounded up. */
export function scale(range: Range, factor: number): Range {
  return { min: capped(Math.ceil(range.min * factor)), max: capped(Math.ceil(range.max * factor)) };
}

export function union(a: Range, b: Range): Range {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}
