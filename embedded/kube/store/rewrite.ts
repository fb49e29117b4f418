import { failure } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Store } from "./object-store.ts";
import type { Stored } from "./stored.ts";

const ATTEMPTS = 50;

/**
 * Changes one stored object by the server's own hand, past admission: for controllers that live in the server.
 *
 * @param change - gets a copy and returns the next state; undefined leaves the object as it is, "delete" removes it. It is called
 *   again when somebody else was faster.
 * @returns the stored state, or undefined when there was none or it was removed
 * @throws StatusError 409 when others were faster every time
 */
export async function rewriteStored(
  store: Store,
  bucket: string,
  key: string,
  change: (object: KubeObject) => KubeObject | "delete" | undefined,
): Promise<Stored | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const current = store.latest(bucket, key);
    if (current === undefined) return undefined;
    const next = change(current.copy());
    if (next === undefined) return current;
    const committed = await store.commit({
      bucket,
      key,
      next: next === "delete" ? undefined : next,
      expected: current,
    });
    if (committed.ok) return next === "delete" ? undefined : committed.stored;
  }
  throw failure("Conflict", `${bucket} ${JSON.stringify(key)} was changed by others ${ATTEMPTS} times in a row`);
}
