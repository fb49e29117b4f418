import { closeSync, fdatasync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { lockDirectory } from "./directory-lock.ts";
import { storeErrors } from "./errors.ts";
import { checkFormat } from "./format-file.ts";
import { encodeRecords, HEADER_BYTES, MAX_PAYLOAD_BYTES, scanRecords } from "./record.ts";

export interface DurableLogOptions {
  readonly dir: string;
  /** Format number of what the payloads mean; a directory with a larger one is refused and left as it is. */
  readonly format: number;
  /**
   * - `group` (default): a write is acknowledged after an fdatasync that covers it; writes that wait share one.
   * - `off`: acknowledged when handed to the kernel. Survives kill -9, not a power cut.
   */
  readonly fsync?: "group" | "off";
  /** A segment is closed, and a snapshot asked for, when it is larger than this. Default 64 MiB. */
  readonly segmentBytes?: number;
}

interface Waiting {
  readonly payload: Uint8Array;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

/**
 * An append-only log of payloads with group commit, checksums, snapshots and recovery of a torn tail.
 *
 * Files: `FORMAT`, `LOCK`, `snapshot-N` (all payloads that make up the state when segment N began), `segment-N`.
 * State = the newest snapshot, then every segment from its number on.
 */
export class DurableLog {
  readonly #dir: string;
  readonly #fsync: boolean;
  readonly #segmentBytes: number;
  readonly #unlock: () => Promise<void>;
  #fd: number;
  #segment: number;
  #size: number;
  #waiting: Waiting[] = [];
  #flushing = false;
  #closed = false;
  #damagedTail = false;
  #idle: (() => void)[] = [];
  /** Work for the moment between two groups, when everything written is acknowledged and nothing is on its way. */
  #betweenGroups: (() => void)[] = [];
  #closing: Promise<void> | undefined;

  private constructor(options: DurableLogOptions, unlock: () => Promise<void>, at: { segment: number; size: number }) {
    this.#dir = options.dir;
    this.#fsync = (options.fsync ?? "group") === "group";
    this.#segmentBytes = options.segmentBytes ?? 64 * 1024 * 1024;
    this.#unlock = unlock;
    this.#segment = at.segment;
    this.#size = at.size;
    this.#fd = openSync(join(options.dir, `segment-${at.segment}`), "a", 0o600);
    // Without its name on disk a file is lost in a power cut, with all that was acknowledged in it.
    syncDirectory(options.dir);
  }

  /**
   * Opens (or makes) the directory and replays every payload through `visit`, oldest first.
   *
   * @throws STORE_FORMAT_NEWER, STORE_LOCKED, STORE_CORRUPT; the directory is unchanged then
   */
  static async open(options: DurableLogOptions, visit: (payload: Buffer) => void): Promise<DurableLog> {
    await mkdir(options.dir, { recursive: true, mode: 0o700 });
    const unlock = await lockDirectory(options.dir);
    try {
      await checkFormat(options.dir, options.format);
      const at = await replay(options.dir, visit);
      return new DurableLog(options, unlock, at);
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  /** True when the current segment has outgrown its bound: time for {@link snapshot}. */
  get wantsSnapshot(): boolean {
    return this.#size > this.#segmentBytes;
  }

  /**
   * Appends one payload. The promise resolves when it is durable; payloads become durable in the order of the calls, and a
   * failure fails every payload that waits behind it too.
   */
  append(payload: Uint8Array): Promise<void> {
    return new Promise((done, failed) => this.appendThen(payload, done, failed));
  }

  /** {@link append} with callbacks: a promise less on the hot path. */
  appendThen(payload: Uint8Array, done: () => void, failed: (error: Error) => void): void {
    if (this.#closed) {
      failed(storeErrors.create("STORE_CLOSED"));
      return;
    }
    if (payload.length > MAX_PAYLOAD_BYTES || payload.length === 0) {
      failed(storeErrors.create("STORE_RECORD_TOO_LARGE", { bytes: payload.length, limit: MAX_PAYLOAD_BYTES }));
      return;
    }
    this.#waiting.push({ payload, done, failed });
    if (!this.#flushing) {
      this.#flushing = true;
      // One turn of the event loop gathers what arrived together.
      setImmediate(() => this.#flush());
    }
  }

  #flush(): void {
    for (const task of this.#betweenGroups.splice(0)) task();
    const group = this.#waiting;
    this.#waiting = [];
    if (group.length === 0) {
      this.#flushing = false;
      for (const wake of this.#idle.splice(0)) wake();
      return;
    }
    const fail = (error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      this.#damagedTail = true;
      // At once, so that a restart does not bring back what was refused; when the disk refuses this too, before the next write.
      this.#tryMendTail();
      const refused = storeErrors.create("STORE_WRITE_FAILED", { why }, { cause: error });
      // What came in meanwhile was decided on top of the failed group: it fails with it.
      for (const waiting of [...group, ...this.#waiting.splice(0)]) waiting.failed(refused);
      setImmediate(() => this.#flush());
    };
    const buffer = encodeRecords(group.map((w) => w.payload));
    try {
      this.#mendTail();
      writeFully(this.#fd, buffer);
    } catch (error) {
      fail(error);
      return;
    }
    const succeed = () => {
      this.#size += buffer.length;
      for (const waiting of group) waiting.done();
      this.#flush();
    };
    if (!this.#fsync) {
      succeed();
      return;
    }
    fdatasync(this.#fd, (error) => (error ? fail(error) : succeed()));
  }

  /** A failed write may have left half a record: the file goes back to its last acknowledged byte before the next one. */
  #mendTail(): void {
    if (!this.#damagedTail) return;
    ftruncateSync(this.#fd, this.#size);
    fsyncSync(this.#fd);
    this.#damagedTail = false;
  }

  #tryMendTail(): void {
    try {
      this.#mendTail();
    } catch {
      // Still damaged: whatever comes next tries again, and a restart cuts a half record off.
    }
  }

  /**
   * Starts a new segment and writes a snapshot of the state at this moment, a little at a time.
   *
   * @param payloads - yields the payloads that make up the state; it is pulled in small portions between other work, so what it
   *   yields must not change after the call
   */
  async snapshot(payloads: Iterable<Uint8Array>): Promise<void> {
    const next = await this.#between(() => this.#rotate());
    const temporary = join(this.#dir, `snapshot-${next}.tmp`);
    const file = await open(temporary, "w", 0o600);
    try {
      let portion: Uint8Array[] = [];
      let bytes = 0;
      for (const payload of payloads) {
        portion.push(payload);
        bytes += payload.length;
        if (bytes > 256 * 1024) {
          await file.appendFile(encodeRecords(portion));
          portion = [];
          bytes = 0;
        }
      }
      await file.appendFile(encodeRecords(portion));
      await file.sync();
      await rename(temporary, join(this.#dir, `snapshot-${next}`));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    syncDirectory(this.#dir);
    await removeBefore(this.#dir, next);
  }

  /** Goes on in a new segment. The old one must end in a whole record: only the last segment may have a torn tail. */
  #rotate(): number {
    this.#mendTail();
    const next = this.#segment + 1;
    const fd = openSync(join(this.#dir, `segment-${next}`), "ax", 0o600);
    syncDirectory(this.#dir);
    closeSync(this.#fd);
    this.#fd = fd;
    this.#segment = next;
    this.#size = 0;
    return next;
  }

  /** Refuses further payloads, waits for those that were appended, then closes the file and gives the directory free. */
  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  async #shut(): Promise<void> {
    this.#closed = true;
    await this.#quiet();
    this.#tryMendTail();
    closeSync(this.#fd);
    await this.#unlock();
  }

  /** Runs `task` between two groups: under steady load there is no idle moment to wait for. */
  async #between<T>(task: () => T): Promise<T> {
    if (!this.#flushing) return task();
    return new Promise((resolve, reject) => {
      this.#betweenGroups.push(() => {
        try {
          resolve(task());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #quiet(): Promise<void> {
    return this.#flushing ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve();
  }
}

function writeFully(fd: number, buffer: Buffer): void {
  for (let at = 0; at < buffer.length; ) at += writeSync(fd, buffer, at);
}

async function replay(dir: string, visit: (payload: Buffer) => void): Promise<{ segment: number; size: number }> {
  const names = await readdir(dir);
  const snapshot = Math.max(0, ...numbersOf(names, "snapshot-"));
  const segments = numbersOf(names, "segment-")
    .filter((n) => n >= snapshot)
    .sort((a, b) => a - b);
  if (snapshot > 0) {
    const file = join(dir, `snapshot-${snapshot}`);
    const scan = scanRecords(await readFile(file), visit);
    if (scan.kind !== "whole")
      throw storeErrors.create("STORE_CORRUPT", { file, at: scan.kind === "torn" ? scan.end : scan.at });
  }
  const first = Math.max(snapshot, 1);
  let at = { segment: first, size: 0 };
  for (const [i, number] of segments.entries()) {
    if (number !== first + i) {
      throw storeErrors.create("STORE_CORRUPT", { file: join(dir, `segment-${first + i}`), at: 0 });
    }
    const file = join(dir, `segment-${number}`);
    const scan = scanRecords(await readFile(file), visit);
    if (scan.kind === "corrupt") throw storeErrors.create("STORE_CORRUPT", { file, at: scan.at });
    if (scan.kind === "torn") {
      if (i < segments.length - 1) throw storeErrors.create("STORE_CORRUPT", { file, at: scan.end });
      truncateTo(file, scan.end);
    }
    at = { segment: number, size: scan.end };
  }
  for (const name of names) if (name.endsWith(".tmp")) await rm(join(dir, name), { force: true });
  await removeBefore(dir, snapshot);
  return at;
}

function truncateTo(file: string, size: number): void {
  const fd = openSync(file, "r+");
  try {
    ftruncateSync(fd, size);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function numbersOf(names: readonly string[], prefix: string): number[] {
  return names
    .filter((n) => n.startsWith(prefix) && /^\d+$/.test(n.slice(prefix.length)))
    .map((n) => Number(n.slice(prefix.length)));
}

async function removeBefore(dir: string, number: number): Promise<void> {
  for (const name of await readdir(dir)) {
    const match = /^(?:segment|snapshot)-(\d+)$/.exec(name);
    if (match && Number(match[1]) < number) await rm(join(dir, name), { force: true });
  }
}

function syncDirectory(dir: string): void {
  const fd = openSync(dir, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Bytes a payload takes in the log, for sizing. */
export function recordBytes(payloadBytes: number): number {
  return payloadBytes + HEADER_BYTES;
}
