// npm run check: the whole gate. Every part runs, so that one call shows everything there is to mend.
//
//   npm run check             judge
//   npm run check -- --fix    format and mend what can be mended, then judge
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const bin = (name: string) => join(root, "node_modules/.bin", name);
const fix = process.argv.includes("--fix");

const PARTS: readonly { readonly name: string; readonly command: readonly string[] }[] = [
  {
    name: "format and lint",
    command: [bin("biome"), "check", ...(fix ? ["--write"] : []), "--error-on-warnings", "."],
  },
  { name: "types", command: [bin("tsc"), "-p", "."] },
  { name: "rooms, sizes, names, text", command: [process.execPath, "tools/checks/repository.ts"] },
  { name: "generated files", command: [process.execPath, "tools/gen/run.ts", ...(fix ? [] : ["--check"])] },
  { name: "unused code and dependencies", command: [bin("knip"), "--no-progress"] },
];

let failed = 0;
for (const { name, command } of PARTS) {
  const started = performance.now();
  const result = spawnSync(command[0] as string, command.slice(1), {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, FORCE_COLOR: "0" },
  });
  const ok = result.status === 0;
  if (!ok) failed++;
  process.stdout.write(`${ok ? "ok  " : "FAIL"} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)\n`);
  if (!ok) process.stdout.write(`${result.stdout}${result.stderr}\n`);
}
process.exitCode = failed === 0 ? 0 : 1;
