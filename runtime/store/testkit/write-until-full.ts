// A process whose files may not grow past a limit that its starter has set: it writes records until the disk is "full", and reports
// what was acknowledged (the first character of each payload) and what was refused.
import { DurableLog } from "../durable-log.ts";

// Without a listener the kernel's signal would end the process before the write can fail.
process.on("SIGXFSZ", () => undefined);

const log = await DurableLog.open({ dir: process.argv[2] as string, format: 1 }, () => undefined);
const acknowledged: string[] = [];
const refused: string[] = [];

async function write(id: string, bytes: number): Promise<void> {
  try {
    await log.append(Buffer.from(id.padEnd(bytes, "-")));
    acknowledged.push(id);
  } catch (error) {
    refused.push(`${id} ${(error as { code?: string }).code}`);
  }
}

await write("A", 3000);
await write("B", 3000);
// One group: the first record of it would still fit.
await Promise.all([write("C", 100), write("D", 5000)]);
await write("E", 100);
await write("F", 5000);
await write("G", 200);
await log.close();
process.stdout.write(JSON.stringify({ acknowledged, refused }));
