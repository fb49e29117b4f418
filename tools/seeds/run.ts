// npm run seeds [-- --area AREA]
//
// Runs the tests that carry row ids in their titles and says which rows are proved. Last line: `N of M rows proved`.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "node:test";
import { parseArgs } from "node:util";
import { provedRows, rowIdsOf, seedRows } from "./rows.ts";

const root = join(import.meta.dirname, "../..");
const { values } = parseArgs({ options: { area: { type: "string" } } });
const rows = seedRows().filter((row) => values.area === undefined || row.area === values.area);
const known = new Set(rows.map((row) => row.id));
const files = globSync("{base,contracts,domain,apimachinery,wire,runtime,embedded,services,apps,tests}/**/*.test.ts", {
  cwd: root,
  exclude: (path) => path.split("/").includes("node_modules"),
})
  .map((file) => join(root, file))
  .filter((file) => rowIdsOf(readFileSync(file, "utf8")).some((id) => known.has(id)));

const outcomes: { title: string; passed: boolean }[] = [];
if (files.length > 0) {
  const stream = run({ files, concurrency: 2, cwd: root, timeout: 300_000 });
  stream.on("test:pass", (event) =>
    outcomes.push({ title: event.name, passed: event.skip === undefined && event.todo === undefined }),
  );
  stream.on("test:fail", (event) => {
    outcomes.push({ title: event.name, passed: false });
    process.stdout.write(`failed: ${event.name}\n`);
  });
  await new Promise((resolve) => stream.on("end", resolve).resume());
}
const proved = provedRows(rows, outcomes);
const missing = rows.filter((row) => !proved.has(row.id));
for (const row of missing)
  process.stdout.write(`not proved: ${row.id} (${row.area}) ${row.requirement.slice(0, 120)}\n`);
process.stdout.write(`${proved.size} of ${rows.length} rows proved\n`);
process.exitCode = 0;
