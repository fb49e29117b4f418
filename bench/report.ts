/** One figure: ours, and the peer's from the same run where there is one. */
export interface BenchRow {
  readonly work: string;
  readonly value: number;
  readonly unit: string;
  readonly peer?: string;
  readonly peerValue?: number;
  /** value / peerValue */
  readonly ratio?: number;
  /** The bar in words: `>= 2x`, `<= 10 ms`. */
  readonly goal?: string;
  readonly met?: boolean;
}

export function tableOf(rows: readonly BenchRow[]): string {
  const cells = rows.map((r) => [
    r.work,
    `${show(r.value)} ${r.unit}`,
    r.peer === undefined ? "" : `${r.peer} ${show(r.peerValue ?? 0)} ${r.unit}`,
    r.ratio === undefined ? "" : `${r.ratio.toFixed(2)}x`,
    r.goal ?? "",
    r.met === undefined ? "" : r.met ? "met" : "MISSED",
  ]);
  const all = [["work", "ours", "peer", "ratio", "goal", ""], ...cells];
  const widths = (all[0] as string[]).map((_, i) => Math.max(...all.map((row) => (row[i] as string).length)));
  return all
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] as number))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function show(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toFixed(2);
}

/** The value below which a share of the sorted samples lies. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
