import { jsonEqual } from "../meta/json-equal.ts";
import type { Json, KubeObject, ManagedFieldsEntry } from "../meta/types.ts";

/**
 * Gives entries their old times back when a write changed nothing but those: after defaulting and admission an object may
 * turn out to be what it was, and then nothing is to be stored.
 *
 * @returns `next`, or a copy of it with the old entries
 */
export function keepUnchangedTimes(live: KubeObject, next: KubeObject): KubeObject {
  const [before, after] = [live.metadata.managedFields ?? [], next.metadata.managedFields ?? []];
  if (after.length === 0 || before.length !== after.length) return next;
  if (after.every((entry, i) => entry.time === before[i]?.time)) return next;
  const timeless = ({ time: _, ...entry }: ManagedFieldsEntry) => entry as unknown as Json;
  if (!jsonEqual(before.map(timeless), after.map(timeless))) return next;
  const restored = { ...next, metadata: { ...next.metadata, managedFields: before } };
  return jsonEqual(live as unknown as Json, restored as unknown as Json) ? restored : next;
}
