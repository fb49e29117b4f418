import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { type Requeue, WorkQueue } from "@holdfast/runtime/kube/work-queue";
import type { Logger } from "@holdfast/runtime/log/logger";
import type { KubeContext } from "../../../operations/kube-context.ts";
import { storeKey } from "../../../resources/resource-type.ts";
import type { StoreEvent } from "../../../store/object-store.ts";

/** A part of the world that a controller watches beside the objects it is there for. */
export interface Related {
  readonly bucket: string;
  /** Keys of the objects that an event may concern. It runs inside of the store's commit, so it only looks, and quickly. */
  keys(event: StoreEvent): Iterable<string>;
}

export interface LoopOptions {
  readonly name: string;
  /** Bucket of the objects whose keys are worked on. */
  readonly bucket: string;
  /** Brings the world closer to what the object of that key asks for, whatever happened before; the object may be gone. */
  reconcile(key: string): Promise<Requeue | undefined>;
  readonly related?: readonly Related[];
  /** Keys worked on at once. Default 4. */
  readonly concurrency?: number;
}

/**
 * Runs a level-triggered controller inside of the server: every object of a bucket at the start, then whatever changes.
 *
 * @returns a function that stops it and waits for what is under way
 */
export function startControlLoop(kube: KubeContext, log: Logger, options: LoopOptions): () => Promise<void> {
  const { bucket, related = [] } = options;
  const queue = new WorkQueue((key) => options.reconcile(key), {
    name: options.name,
    log,
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
  });
  const stops = [
    kube.store.subscribe(bucket, (event) => queue.add(keyOf(event.stored.object))),
    ...related.map((watched) =>
      kube.store.subscribe(watched.bucket, (event) => {
        try {
          for (const key of watched.keys(event)) queue.add(key);
        } catch (error) {
          // The write that is being told of is done: it must not fail for what we cannot read.
          log.error("event not understood", { controller: options.name, bucket: watched.bucket, error });
        }
      }),
    ),
  ];
  for (const [key] of kube.store.bucket(bucket).range("")) queue.add(key);
  return () => {
    for (const stop of stops) stop();
    return queue.stop();
  };
}

/** Key of an object in its bucket. */
export function keyOf(object: KubeObject): string {
  return storeKey(object.metadata.namespace ?? "", object.metadata.name as string);
}

const LONGEST_MS = 3_600_000;

/** Asks to be called again after `ms`, an hour at the most: timers cannot be set for much longer, and looking again costs nothing. */
export function again(ms: number): { readonly afterMs: number } {
  return { afterMs: Math.min(Math.max(Math.ceil(ms), 1), LONGEST_MS) };
}

/** The earlier of several wishes to be called again; undefined when there is none. */
export function earliest(...wishesMs: readonly (number | undefined)[]): Requeue {
  const set = wishesMs.filter((ms) => ms !== undefined);
  return set.length === 0 ? undefined : again(Math.min(...set));
}
