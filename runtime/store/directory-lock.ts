import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { link, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { storeErrors } from "./errors.ts";

const held = new Set<string>();
const ATTEMPTS = 50;
const PAUSE_MS = 5;

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
  const own = `${file}-${process.pid}.tmp`;
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        await create(file, own);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt >= ATTEMPTS) throw error;
        await takeAway(dir, file);
      }
    }
  } catch (error) {
    held.delete(file);
    throw error;
  } finally {
    await rm(own, { force: true });
  }
  return async () => {
    held.delete(file);
    rmSync(file, { force: true });
  };
}

/** Makes the lock with its text in it: nobody ever sees one that says nothing yet. @throws EEXIST */
async function create(file: string, own: string): Promise<void> {
  const text = `${process.pid} ${startOf(process.pid)}\n`;
  await writeFile(own, text, { mode: 0o600 });
  try {
    await link(own, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS") throw error;
    // A file system without links.
    await writeFile(file, text, { mode: 0o600, flag: "wx" });
  }
}

/** Takes the lock of a dead process away. @throws STORE_LOCKED for one of a living process */
async function takeAway(dir: string, file: string): Promise<void> {
  const release = await guard(dir);
  if (release === undefined) {
    // Another process is just doing the same: see what it makes of it.
    await setTimeout(PAUSE_MS);
    return;
  }
  try {
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text === undefined) return;
    refuseLiving(dir, text);
    await rm(file, { force: true });
  } finally {
    await release();
  }
}

/**
 * Makes judging a lock and taking it away one step: without it, a process that has read the old lock could take away the new one of
 * another. The kernel holds the guard, as an abstract socket, so that it ends with its process; other systems than Linux have none.
 *
 * @returns undefined while another process has it
 */
async function guard(dir: string): Promise<(() => Promise<void>) | undefined> {
  if (process.platform !== "linux") return () => Promise.resolve();
  const { dev, ino } = await stat(dir);
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(`\0holdfast-lock-${dev}-${ino}`);
    await once(server, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") return undefined;
    // A sandbox that knows no such sockets: as good as without them.
    if (code === "EACCES" || code === "EPERM") return () => Promise.resolve();
    throw error;
  }
  return async () => {
    server.close();
    await once(server, "close");
  };
}

function refuseLiving(dir: string, text: string): void {
  const [pid = "", start = ""] = text.trim().split(" ");
  // A lock without a start time was cut short by a crash: nobody holds it.
  if (start === "" || Number(pid) === process.pid || startOf(Number(pid)) !== start) return;
  throw storeErrors.create("STORE_LOCKED", { dir, pid });
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
