import { WorkQueue } from "@holdfast/runtime/kube/work-queue";
import type { Logger } from "@holdfast/runtime/log/logger";
import type { KubeContext } from "../../../operations/kube-context.ts";
import { keyOf } from "../acting/control-loop.ts";
import { createHand } from "../acting/hand.ts";

const LIFE_MS = 3_600_000;
const SWEEP_MS = 60_000;

/**
 * Deletes events an hour after they were written last, whoever wrote them.
 *
 * @returns a function that stops it
 */
export function startEventExpiry(kube: KubeContext, log: Logger): () => Promise<void> {
  const hand = createHand(kube, { controller: "event-expiry" });
  /** Key of an event -> when it was written last, in milliseconds; the oldest first. */
  const written = new Map<string, number>();
  const stamp = (key: string, ms: number) => {
    written.delete(key);
    written.set(key, ms);
  };
  // After a restart the age is counted from the event's own words.
  const started = kube.now();
  for (const [key, { object }] of kube.store.bucket("events").range("")) {
    const said = Date.parse(
      String(object["lastTimestamp"] ?? object["eventTime"] ?? object.metadata.creationTimestamp),
    );
    written.set(key, Number.isNaN(said) ? started : Math.min(said, started));
  }
  const queue = new WorkQueue(
    async () => {
      const limit = kube.now() - LIFE_MS;
      for (const [key, ms] of [...written]) {
        if (ms > limit) continue;
        const event = kube.store.latest("events", key);
        written.delete(key);
        if (event !== undefined) await hand.remove("events", event.object);
      }
      return { afterMs: SWEEP_MS };
    },
    { name: "event-expiry", log, concurrency: 1 },
  );
  const unsubscribe = kube.store.subscribe("events", (event) => {
    const key = keyOf(event.stored.object);
    if (event.type === "DELETED") written.delete(key);
    else stamp(key, kube.now());
  });
  queue.add("sweep");
  return () => {
    unsubscribe();
    return queue.stop();
  };
}
