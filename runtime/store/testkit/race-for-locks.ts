// Tries to take each directory named by a line of its input, and says for each whether it has got it.
import { createInterface } from "node:readline";
import { lockDirectory } from "../directory-lock.ts";

process.stdout.write("ready\n");
for await (const dir of createInterface({ input: process.stdin })) {
  const got = await lockDirectory(dir).then(
    () => "held",
    (error: { code?: string }) => error.code,
  );
  process.stdout.write(`${got}\n`);
}
