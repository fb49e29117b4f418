// npm run golden -- SUITE [--dir DIR] [--only WORD] [--quiet]
//
// Starts our server of that suite empty for each transcript, replays it, and prints what differs. Last line: `N passed, N failed`.
import { parseArgs } from "node:util";
import { replaySuite } from "./replay-suite.ts";
import { SUITES } from "./suites.ts";

const usage = `usage: npm run golden -- ${Object.keys(SUITES).join("|")} [--dir DIR] [--only WORD] [--quiet]`;
let parsed: ReturnType<typeof read>;
try {
  parsed = read();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
  process.exit(2);
}
const [suite, ...more] = parsed.positionals;
if (parsed.values.help === true) {
  process.stdout.write(`${usage}\n`);
} else if (suite === undefined || more.length > 0 || !Object.hasOwn(SUITES, suite)) {
  process.stderr.write(`${usage}\n`);
  process.exitCode = 2;
} else {
  const { dir, only, quiet } = parsed.values;
  const report = await replaySuite(suite, {
    quiet: quiet === true,
    ...(dir === undefined ? {} : { dir }),
    ...(only === undefined ? {} : { only }),
  });
  for (const { file, passed, failed, wordingOnly } of report.files) {
    process.stdout.write(
      `${file.padEnd(28)} ${String(passed).padStart(4)} passed ${String(failed).padStart(4)} failed, ${wordingOnly} of them in wording only\n`,
    );
  }
  const substance = (report.passed + report.wordingOnly) / report.steps.length;
  process.stdout.write(
    `in substance ${(100 * substance).toFixed(1)} %, to the word ${((100 * report.passed) / report.steps.length).toFixed(1)} %\n`,
  );
  process.stdout.write(`${report.passed} passed, ${report.failed} failed\n`);
  process.exitCode = report.failed === 0 ? 0 : 1;
}

function read() {
  return parseArgs({
    allowPositionals: true,
    options: {
      dir: { type: "string" },
      only: { type: "string" },
      quiet: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
}
