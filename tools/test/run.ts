// npm test: checks, then every test of the repository, and one line that counts them.
//
//   npm test                  everything a change must pass
//   npm test -- PATTERN…      only test files whose path holds one of the words; no checks
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { ensureSystemPackages } from "./system-packages.ts";

const root = join(import.meta.dirname, "../..");
const words = process.argv.slice(2);
const files = globSync(
  "{base,contracts,domain,apimachinery,wire,runtime,embedded,services,apps,tests,tools,bench}/**/*.test.ts",
  {
    cwd: root,
    exclude: (path) => path.split("/").includes("node_modules"),
  },
)
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort();

const lacking = ensureSystemPackages();
if (lacking !== undefined) {
  process.stderr.write(`${lacking}\n`);
  process.exit(1);
}
const checked =
  words.length > 0 ||
  spawnSync(process.execPath, [join(root, "tools/checks/run.ts")], { stdio: "inherit", cwd: root }).status === 0;
const counts = { passed: 0, failed: 0, skipped: 0 };
const stream = run({ files: files.map((file) => join(root, file)), concurrency: 2, cwd: root, timeout: 300_000 });
stream.on("test:pass", (event) => {
  if (event.details.type === "suite") return;
  if (event.skip !== undefined || event.todo !== undefined) counts.skipped++;
  else counts.passed++;
});
stream.on("test:fail", (event) => {
  if (event.details.type !== "suite") counts.failed++;
});
stream.on("end", () => {
  if (!checked) counts.failed++;
  process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
  setImmediate(() =>
    process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`),
  );
});
stream.compose(new spec()).pipe(process.stdout);
