// npm run soak -- NAME [--rounds N]
//
// Kill and fault rounds. Last line: JSON `{"soak":NAME,"rounds":…,"lost":0,…}`; exit 1 when anything was lost.
import { parseArgs } from "node:util";
import { soakKube } from "./kube.ts";

const SOAKS = { kube: soakKube } as const;
const usage = `usage: npm run soak -- ${Object.keys(SOAKS).join("|")} [--rounds N]`;
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "200" } },
});
const [name] = positionals;
const rounds = Number(values.rounds);
if (name === undefined || !Object.hasOwn(SOAKS, name) || !Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}
const report = await SOAKS[name as keyof typeof SOAKS](rounds, (text) => process.stdout.write(`${text}\n`));
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit(report.lost === 0 && report.halfApplied === 0 ? 0 : 1);
