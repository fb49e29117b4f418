// Runs the repository's rules over every file git knows.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { forbiddenArrow, roomOf } from "./rooms.ts";
import { environmentProblems, type SourceFile, sizeWarnings, sourceProblems, textProblems } from "./source-rules.ts";

const root = join(import.meta.dirname, "../..");
/** Package name -> folder. */
const packages = new Map<string, string>();
const workspaces = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { workspaces: string[] })
  .workspaces;
for (const folder of workspaces) {
  const { name } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as { name: string };
  packages.set(name, folder);
}

const problems: string[] = [];
const warnings: string[] = [];
const paths = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter(Boolean);
for (const path of paths) {
  if (!existsSync(join(root, path))) continue;
  if (/^tests\/golden\/.*\.jsonl?$|^tests\/seeds\/.*\.json$|\.(?:png|jpg|gz|zip)$|generated\.json$/.test(path))
    continue;
  const file: SourceFile = { path, text: readFileSync(join(root, path), "utf8") };
  problems.push(...textProblems(file));
  if (!path.endsWith(".ts")) continue;
  problems.push(...sourceProblems(file), ...environmentProblems(file), ...arrowProblems(file));
  warnings.push(...sizeWarnings(file));
}
for (const warning of warnings) process.stdout.write(`warning: ${warning}\n`);
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

function arrowProblems(file: SourceFile): string[] {
  if (roomOf(file.path) === undefined) return [];
  const found: string[] = [];
  for (const match of file.text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
    const target = resolveImport(file.path, match[1] as string);
    const why = target === undefined ? undefined : forbiddenArrow(file.path, target);
    if (why !== undefined && !/\.test\.ts$/.test(file.path)) found.push(`${file.path}: ${why} (${match[1]})`);
  }
  return found;
}

/** The path in this repository that an import names; undefined for other packages. */
function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return normalize(join(dirname(from), specifier));
  for (const [name, folder] of packages)
    if (specifier === name || specifier.startsWith(`${name}/`)) return `${folder}${specifier.slice(name.length)}`;
  return undefined;
}
