import { readFileSync, rmSync } from "node:fs";
import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { storeErrors } from "./errors.ts";

const held = new Set<string>();

/**
 * Takes the directory for this process. A lock whose process is gone is taken over, so kill -9 needs no clean-up by hand.
 *
 * @returns the function that gives it back
 * @throws STORE_LOCKED
 */
export async function lockDirectory(dir: string): Promise<() => Promise<void>> {
  const file = join(dir, "LOCK");
  if (held.has(file)) throw storeErrors.create("STORE_LOCKED", { dir, pid: process.pid });
  held.add(file);
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        const handle = await open(file, "wx", 0o600);
        await handle.writeFile(`${process.pid} ${startOf(process.pid)}\n`);
        await handle.close();
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt > 3) throw error;
        const [pid = "", start = ""] = (await readFile(file, "utf8").catch(() => "")).trim().split(" ");
        // A lock without a start time was cut short by a crash: nobody holds it.
        if (start !== "" && Number(pid) !== process.pid && startOf(Number(pid)) === start) {
          throw storeErrors.create("STORE_LOCKED", { dir, pid });
        }
        await rm(file, { force: true });
      }
    }
  } catch (error) {
    held.delete(file);
    throw error;
  }
  return async () => {
    held.delete(file);
    rmSync(file, { force: true });
  };
}

/** When a process started, in the kernel's words, so that a reused process id is not taken for the holder; "" when it is gone. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    try {
      process.kill(pid, 0);
      return "alive";
    } catch {
      return "";
    }
  }
}
