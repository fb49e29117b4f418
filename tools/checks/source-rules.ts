// Rules about one source file. Each prevents a mistake that a reader would have to catch otherwise.
import { ALLOWED_NODE, PURE_ROOMS, roomOf } from "./rooms.ts";

export interface SourceFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

const WARN_LINES = 300;
const FAIL_LINES = 500;

/** Files over the limit, each with the reason why it is one file. */
export const LONG_FILES: Readonly<Record<string, string>> = {
  "apimachinery/builtin/kinds/columns/column-table.ts": "one table: the columns of every built-in kind",
};

/** Names that accept anything receive everything. */
const JUNK_NAMES = /(?:^|\/)(?:utils?|common|shared|helpers?|core|lib|misc|index)(?:\.ts|\/)/;

/** What a pure room must not touch, with the word for people. */
const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w."'`-])process\.(?:env|argv|exit|std\w+|cwd|pid|platform|memoryUsage|hrtime)\b/, "process"],
  [/\bDate\.now\(|\bnew Date\(\)/, "the clock: time is an argument"],
  [/\bMath\.random\(|\bcrypto\.(?:randomUUID|getRandomValues)\(/, "randomness: it is an argument"],
  [/\bset(?:Timeout|Interval|Immediate)\(/, "timers"],
  [/(?<![\w."'`-])console\.(?:log|error|warn|info|debug)\(/, "the console"],
];

/** Sentences about what is wrong with a file; empty when nothing is. */
export function sourceProblems(file: SourceFile): string[] {
  const problems: string[] = [];
  const { path, text } = file;
  const lines = text.split("\n");
  const isTest = /\.test\.ts$/.test(path) || path.includes("/testkit/") || path.includes("/testdata/");
  if (JUNK_NAMES.test(path))
    problems.push(`${path}: the name says nothing about the content; name it for the thing it holds`);
  if (lines.length > FAIL_LINES && !isTest && !path.includes("generated") && LONG_FILES[path] === undefined) {
    problems.push(
      `${path}: ${lines.length} lines, at most ${FAIL_LINES} are allowed; split it, or list it in LONG_FILES with a reason`,
    );
  }
  const room = roomOf(path);
  if (room !== undefined && !isTest) problems.push(...purityProblems(file, room, lines));
  if (/(^|\n)\s*export default\b/.test(text)) problems.push(`${path}: default exports drift; export by name`);
  if (/(^|\n)\s*export \* from\b/.test(text))
    problems.push(`${path}: barrels hide where things come from; import the file`);
  return problems;
}

function purityProblems(file: SourceFile, room: string, lines: readonly string[]): string[] {
  const problems: string[] = [];
  const isDecision = /(?:^|\/|-)decide[^/]*\.ts$/.test(file.path);
  const pure = PURE_ROOMS.includes(room);
  for (const [i, line] of lines.entries()) {
    if (/^\s*(?:\/\/|\*|\/\*)/.test(line)) continue;
    const node = /from "(node:[\w/]+)"/.exec(line)?.[1];
    if (node !== undefined && pure)
      problems.push(`${file.path}:${i + 1}: ${room} runs in a browser too and must not import ${node}`);
    const allowed = ALLOWED_NODE[room];
    if (node !== undefined && allowed !== undefined && !allowed.includes(node))
      problems.push(`${file.path}:${i + 1}: ${room} must not import ${node}`);
    if (!pure && !isDecision) continue;
    for (const [pattern, what] of IMPURE)
      if (pattern.test(line)) problems.push(`${file.path}:${i + 1}: a pure place must not touch ${what}`);
  }
  return problems;
}

/** Files that are longer than they should be: said, not failed. */
export function sizeWarnings(file: SourceFile): string[] {
  const lines = file.text.split("\n").length;
  if (
    lines <= WARN_LINES ||
    /\.test\.ts$/.test(file.path) ||
    file.path.includes("generated") ||
    file.path.includes("/testdata/")
  )
    return [];
  return [`${file.path}: ${lines} lines, more than ${WARN_LINES}`];
}

/** The environment and the arguments are read in one place of a service, so that everything else can be tested without them. */
export function environmentProblems(file: SourceFile): string[] {
  const { path, text } = file;
  if (!/^(?:services|embedded|runtime|apps)\//.test(path) || /\.test\.ts$|\/testkit\//.test(path)) return [];
  if (/(?:^|\/)(?:main|holdfast)\.ts$/.test(path)) return [];
  return /\bprocess\.(?:env|argv)\b/.test(text) ? [`${path}: only main.ts reads process.env and process.argv`] : [];
}

/** What must not stand in the repository: paths of one machine, registries' hosts. */
export function textProblems(file: SourceFile): string[] {
  const found: string[] = [];
  for (const [i, line] of file.text.split("\n").entries()) {
    if (/"resolved":\s*"https?:/.test(line))
      found.push(`${file.path}:${i + 1}: the lockfile names the host of a registry`);
    if (/(?:^|[\s"'`(=])\/(?:work|root|home\/\w+)\/(?!\*)/.test(line))
      found.push(`${file.path}:${i + 1}: a path of one machine`);
  }
  return found;
}
