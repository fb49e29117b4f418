import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { SUITES } from "./suites.ts";

export interface StepReport {
  readonly step: string;
  readonly passed: boolean;
  readonly differences: readonly string[];
}

export interface SuiteReport {
  readonly steps: readonly StepReport[];
  readonly passed: number;
  readonly failed: number;
  /** Failed steps that differ in a text for people only. */
  readonly wordingOnly: number;
  readonly files: readonly {
    readonly file: string;
    readonly passed: number;
    readonly failed: number;
    readonly wordingOnly: number;
  }[];
}

const root = join(import.meta.dirname, "../..");
const REPLAY = join(root, "tests/golden/replay.mjs");
/** How long a step may take to settle: what our controllers do takes milliseconds. */
const PATIENCE_MS = 2000;
/** A transcript that takes longer counts as failed whole: its server hangs, or steps wait for what never comes. */
const FILE_TIMEOUT_MS = 90_000;

/** Replays every transcript of a suite, each against a server of its own that starts empty. */
export async function replaySuite(
  suite: string,
  options: { readonly dir?: string; readonly only?: string; readonly quiet: boolean },
): Promise<SuiteReport> {
  const start = SUITES[suite];
  if (start === undefined)
    throw new Error(`there is no suite ${JSON.stringify(suite)}; known: ${Object.keys(SUITES).join(", ")}`);
  const files = transcripts(options.dir ?? join(root, "tests/golden", suite)).filter(
    (f) => options.only === undefined || basename(f).includes(options.only),
  );
  if (files.length === 0) throw new Error("there is no transcript to replay");
  const steps: StepReport[] = [];
  const perFile: { file: string; passed: number; failed: number; wordingOnly: number }[] = [];
  for (const file of files) {
    const server = await start(file);
    try {
      const outcome = await replayFile(file, server.arguments, options.quiet);
      steps.push(...outcome.steps);
      const passed = outcome.steps.filter((s) => s.passed).length;
      perFile.push({
        file: basename(file),
        passed,
        failed: outcome.steps.length - passed,
        wordingOnly: outcome.wordingOnly,
      });
    } finally {
      await server.stop();
    }
  }
  const passed = steps.filter((s) => s.passed).length;
  return {
    steps,
    passed,
    failed: steps.length - passed,
    wordingOnly: perFile.reduce((sum, f) => sum + f.wordingOnly, 0),
    files: perFile,
  };
}

function transcripts(dir: string): string[] {
  if (statSync(dir).isFile()) return [dir];
  return readdirSync(dir)
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .map((name) => join(dir, name));
}

async function replayFile(
  file: string,
  flags: readonly string[],
  quiet: boolean,
): Promise<{ steps: StepReport[]; wordingOnly: number }> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-replay-"));
  const report = join(folder, "report.json");
  try {
    const output = await new Promise<string>((resolve, reject) => {
      const child = spawn(
        process.execPath,
        [REPLAY, "replay", ...flags, "--patience", String(PATIENCE_MS), "--json", report, file],
        {
          stdio: ["ignore", "pipe", "pipe"],
          timeout: FILE_TIMEOUT_MS,
        },
      );
      let text = "";
      child.stdout.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      child.stderr.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      child.on("error", reject);
      child.on("close", () => resolve(text));
    });
    if (!quiet) process.stdout.write(output.replace(/\n\d+ passed, \d+ failed\n$/, "\n"));
    if (!existsSync(report)) return { steps: unfinished(file), wordingOnly: 0 };
    return {
      steps: JSON.parse(readFileSync(report, "utf8")) as StepReport[],
      wordingOnly: Number(/(\d+) of the failed ones differ in wording only/.exec(output)?.[1] ?? 0),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function unfinished(file: string): StepReport[] {
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  const parsed = lines.map((line) => JSON.parse(line) as { scenario?: string; step?: string });
  const scenario = parsed[0]?.scenario ?? basename(file);
  const differences = [`the replay did not end within ${FILE_TIMEOUT_MS / 1000} s`];
  return parsed.slice(1).map(({ step }) => ({ step: `${scenario}/${step}`, passed: false, differences }));
}
