// npm run gen: writes what is made from other files. With --check it only says what is out of date.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generateButlerCrds } from "./butler-crds.ts";
import { generateConfigReference } from "./config-reference.ts";
import { generateErrorReference } from "./error-reference.ts";

const root = join(import.meta.dirname, "../..");
const check = process.argv.includes("--check");
const files = new Map([...generateButlerCrds(), ...generateConfigReference(), ...generateErrorReference()]);
let stale = 0;
for (const [path, text] of files) {
  const full = join(root, path);
  if (existsSync(full) && readFileSync(full, "utf8") === text) continue;
  stale++;
  if (check) process.stdout.write(`${path} is out of date; run: npm run gen\n`);
  else {
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
    process.stdout.write(`wrote ${path}\n`);
  }
}
process.exitCode = check && stale > 0 ? 1 : 0;
