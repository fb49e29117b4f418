import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { DurableLog, type DurableLogOptions } from "@holdfast/runtime/store/durable-log";
import { Bucket } from "./bucket.ts";
import { type Stored, storedFromJson, storedFromObject } from "./stored.ts";

/** What happened to one object, in the order of revisions. */
export interface StoreEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly revision: number;
  readonly bucket: string;
  /** The state after the change; for DELETED the last state, its resourceVersion being that of the deletion. */
  readonly stored: Stored;
  /** The state before the change; undefined for ADDED. */
  readonly previous: Stored | undefined;
}

export interface Change {
  readonly bucket: string;
  /** `namespace/name`, or `name` for cluster-scoped objects. */
  readonly key: string;
  /** The next state, its resourceVersion not yet set; undefined deletes. */
  readonly next: KubeObject | undefined;
  /** For a deletion: the last state clients see (with metadata changes made on the way out). */
  readonly last?: KubeObject;
  /** What the caller's decision stands on: the change is refused when the object is no longer that one. */
  readonly expected: Stored | undefined;
}

export type Committed =
  | { readonly ok: true; readonly stored: Stored }
  | { readonly ok: false; readonly current: Stored | undefined };

/** Format number of the records below. */
const FORMAT = 1;
const HISTORY_EVENTS = 10_000;

/** Where objects are kept. One writer; changes are decided in memory and acknowledged when durable. */
export interface Store {
  /** Revision of the newest change that readers can see. */
  readonly revision: number;
  /** Oldest revision from which every later event is still known. */
  readonly historyStart: number;
  bucket(name: string): Bucket;
  /** The newest state, including a change on its way to the disk: what a decision to write must stand on. */
  latest(bucket: string, key: string): Stored | undefined;
  commit(change: Change): Promise<Committed>;
  /** Events after `revision`, oldest first; undefined when some are no longer known. */
  eventsSince(bucket: string, revision: number): StoreEvent[] | undefined;
  subscribe(bucket: string | undefined, listener: (event: StoreEvent) => void): () => void;
  close(): Promise<void>;
}

interface Applied {
  readonly bucket: string;
  readonly key: string;
  /** The state from now on; undefined for a deletion. */
  readonly next: Stored | undefined;
  /** The state that clients are told. */
  readonly last: Stored;
  readonly revision: number;
}

interface Pending {
  stored: Stored | undefined;
  count: number;
}

/**
 * Objects in memory, indexed by bucket and key, behind a durable log.
 *
 * A change becomes visible to readers, watchers and its own caller at the same moment: when the log has it on disk.
 */
export class ObjectStore implements Store {
  readonly #log: DurableLog | undefined;
  readonly #buckets = new Map<string, Bucket>();
  readonly #pending = new Map<string, Pending>();
  readonly #listeners = new Map<string, Set<(event: StoreEvent) => void>>();
  readonly #everyListener = new Set<(event: StoreEvent) => void>();
  readonly #history = new Map<string, StoreEvent[]>();
  #historyStart = new Map<string, number>();
  #openedAt = 0;
  #assigned = 0;
  #visible = 0;
  #snapshotting: Promise<void> | undefined;

  private constructor(log: DurableLog | undefined) {
    this.#log = log;
  }

  /** Opens the store in a directory; without one everything is kept in memory only. */
  static async open(options: Omit<DurableLogOptions, "format"> | undefined): Promise<ObjectStore> {
    if (options === undefined) return new ObjectStore(undefined);
    const records: ReplayedRecord[] = [];
    const log = await DurableLog.open({ ...options, format: FORMAT }, (payload) => records.push(decodeRecord(payload)));
    const store = new ObjectStore(log);
    store.#restore(records);
    return store;
  }

  get revision(): number {
    return this.#visible;
  }

  get historyStart(): number {
    return this.#openedAt;
  }

  bucket(name: string): Bucket {
    let bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      bucket = new Bucket();
      this.#buckets.set(name, bucket);
    }
    return bucket;
  }

  latest(bucket: string, key: string): Stored | undefined {
    const pending = this.#pending.get(`${bucket}\n${key}`);
    return pending === undefined ? this.bucket(bucket).get(key) : pending.stored;
  }

  commit(change: Change): Promise<Committed> {
    const { bucket, key } = change;
    const current = this.latest(bucket, key);
    if (current !== change.expected) return Promise.resolve({ ok: false, current });
    const revision = ++this.#assigned;
    const source = change.next ?? change.last ?? (current as Stored).object;
    const stored = storedFromObject(source, revision, current?.createRevision ?? revision);
    const next = change.next === undefined ? undefined : stored;
    const record = encodeRecord(bucket, key, revision, next);
    const pendingKey = `${bucket}\n${key}`;
    const pending = this.#pending.get(pendingKey) ?? { stored: undefined, count: 0 };
    pending.stored = next;
    pending.count++;
    this.#pending.set(pendingKey, pending);
    return new Promise((resolve, reject) => {
      const settle = () => {
        if (--pending.count === 0) this.#pending.delete(pendingKey);
      };
      const done = () => {
        settle();
        this.#apply({ bucket, key, next, last: stored, revision });
        resolve({ ok: true, stored });
        this.#compactWhenDue();
      };
      const failed = (error: Error) => {
        settle();
        // Refused alone (too large, closed) while an earlier change is still on its way: that one is the latest again. When a
        // whole group fails, everything decided on top of it fails in the same stroke, down to no pending change at all.
        if (pending.stored === next) pending.stored = current;
        reject(error);
      };
      if (this.#log === undefined) queueMicrotask(done);
      else this.#log.appendThen(record, done, failed);
    });
  }

  eventsSince(bucket: string, revision: number): StoreEvent[] | undefined {
    if (revision < Math.max(this.#openedAt, this.#historyStart.get(bucket) ?? 0)) return undefined;
    const events = this.#history.get(bucket) ?? [];
    let low = 0;
    let high = events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((events[middle] as StoreEvent).revision <= revision) low = middle + 1;
      else high = middle;
    }
    return events.slice(low);
  }

  subscribe(bucket: string | undefined, listener: (event: StoreEvent) => void): () => void {
    const set = bucket === undefined ? this.#everyListener : (this.#listeners.get(bucket) ?? new Set());
    if (bucket !== undefined) this.#listeners.set(bucket, set);
    set.add(listener);
    return () => set.delete(listener);
  }

  async close(): Promise<void> {
    await this.#snapshotting?.catch(() => undefined);
    await this.#log?.close();
  }

  #apply({ bucket: bucketName, key, next, last, revision }: Applied): void {
    const bucket = this.bucket(bucketName);
    const previous = bucket.get(key);
    if (next === undefined) bucket.delete(key);
    else bucket.set(key, next);
    this.#visible = revision;
    const type = next === undefined ? "DELETED" : previous === undefined ? "ADDED" : "MODIFIED";
    const event: StoreEvent = { type, revision, bucket: bucketName, stored: last, previous };
    this.#remember(event);
    for (const listener of this.#listeners.get(bucketName) ?? []) listener(event);
    for (const listener of this.#everyListener) listener(event);
  }

  #remember(event: StoreEvent): void {
    let events = this.#history.get(event.bucket);
    if (events === undefined) {
      events = [];
      this.#history.set(event.bucket, events);
    }
    events.push(event);
    if (events.length > HISTORY_EVENTS * 1.5) {
      const dropped = events.splice(0, events.length - HISTORY_EVENTS);
      this.#historyStart.set(event.bucket, (dropped.at(-1) as StoreEvent).revision);
    }
  }

  #restore(records: readonly ReplayedRecord[]): void {
    for (const record of records) {
      if (record.type === "revision") {
        this.#visible = Math.max(this.#visible, record.revision);
        continue;
      }
      const bucket = this.bucket(record.bucket);
      if (record.json === undefined) bucket.delete(record.key);
      else
        bucket.set(
          record.key,
          storedFromJson(
            record.json,
            record.revision,
            record.createRevision ?? bucket.get(record.key)?.createRevision ?? record.revision,
          ),
        );
      this.#visible = Math.max(this.#visible, record.revision);
    }
    this.#assigned = this.#visible;
    this.#openedAt = this.#visible;
  }

  #compactWhenDue(): void {
    if (this.#log?.wantsSnapshot !== true || this.#snapshotting !== undefined) return;
    this.#snapshotting = this.#log
      .snapshot(this.#snapshotPayloads())
      .catch(() => undefined) // The segments still hold everything; the next write asks again.
      .finally(() => {
        this.#snapshotting = undefined;
      });
  }

  *#snapshotPayloads(): Generator<Uint8Array> {
    // States are immutable: a list of references is the state of this moment, however long the writing takes.
    const states: [string, string, Stored][] = [];
    for (const [name, bucket] of this.#buckets)
      for (const [key, stored] of bucket.entries()) states.push([name, key, stored]);
    yield Buffer.from(JSON.stringify({ r: this.#visible }) + "\n");
    for (const [name, key, stored] of states) yield encodeRecord(name, key, stored.revision, stored);
  }
}

// A record is one line of JSON that says what changed, then (unless it is a deletion) the object's JSON.

type ReplayedRecord =
  | {
      readonly type: "change";
      readonly bucket: string;
      readonly key: string;
      readonly revision: number;
      /** Only in records that are not the creation itself. */
      readonly createRevision: number | undefined;
      readonly json: string | undefined;
    }
  | { readonly type: "revision"; readonly revision: number };

function encodeRecord(bucket: string, key: string, revision: number, stored: Stored | undefined): Buffer {
  const created = stored === undefined || stored.createRevision === revision ? {} : { c: stored.createRevision };
  return Buffer.from(`${JSON.stringify({ r: revision, b: bucket, k: key, ...created })}\n${stored?.json ?? ""}`);
}

function decodeRecord(payload: Buffer): ReplayedRecord {
  const end = payload.indexOf(10);
  const head = JSON.parse(payload.toString("utf8", 0, end)) as { r: number; b?: string; k?: string; c?: number };
  if (head.b === undefined || head.k === undefined) return { type: "revision", revision: head.r };
  const json = payload.toString("utf8", end + 1);
  return {
    type: "change",
    bucket: head.b,
    key: head.k,
    revision: head.r,
    createRevision: head.c,
    json: json === "" ? undefined : json,
  };
}
