import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One verifiable sentence of the documents, as `tests/seeds/seed-rows.json` has it. */
export interface SeedRow {
  readonly id: string;
  readonly area: string;
  readonly component: string;
  readonly requirement: string;
  readonly observe: string;
}

const root = join(import.meta.dirname, "../..");

export function seedRows(): SeedRow[] {
  return JSON.parse(readFileSync(join(root, "tests/seeds/seed-rows.json"), "utf8")) as SeedRow[];
}

/** Row ids in a test's title: `[e1-ipv6-64] one bucket per /64`. */
export function rowIdsOf(title: string): string[] {
  return [...title.matchAll(/\[([a-z0-9][a-z0-9-]*)\]/g)].map((m) => m[1] as string);
}

/** Which rows are proved by a run: those whose every test passed, and that had one. */
export function provedRows(
  rows: readonly SeedRow[],
  outcomes: readonly { readonly title: string; readonly passed: boolean }[],
): Set<string> {
  const known = new Set(rows.map((row) => row.id));
  const proved = new Set<string>();
  const broken = new Set<string>();
  for (const { title, passed } of outcomes) {
    for (const id of rowIdsOf(title)) {
      if (!known.has(id)) continue;
      if (passed) proved.add(id);
      else broken.add(id);
    }
  }
  for (const id of broken) proved.delete(id);
  return proved;
}
