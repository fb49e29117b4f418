// npm run bench -- NAME [--quick]
//
// Measures ours and the peer's in the same run, prints a table, then one line of JSON. Nothing is stored: machines differ.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type BenchRow, tableOf } from "./report.ts";

const KNOWN = ["webhook", "kube"];
const usage = `usage: npm run bench -- ${KNOWN.join("|")} [--quick]`;
let name: string | undefined;
let quick = false;
try {
  const parsed = parseArgs({
    allowPositionals: true,
    options: { quick: { type: "boolean" }, help: { type: "boolean" } },
  });
  [name] = parsed.positionals;
  quick = parsed.values.quick === true;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
}
const file = join(import.meta.dirname, `${name}.bench.ts`);
if (name === undefined || !KNOWN.includes(name) || !existsSync(file)) {
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}
const { measure } = (await import(file)) as { measure: (options: { quick: boolean }) => Promise<BenchRow[]> };
const rows = await measure({ quick });
process.stdout.write(`${tableOf(rows)}\n${JSON.stringify({ bench: name, rows })}\n`);
process.exit(0);
