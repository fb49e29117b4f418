// What becomes of a body that is sent, for tests: the steps a server takes without the store.
import { fieldErrorText } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { normalizeBuiltin } from "../decode-builtin.ts";
import { kindBehaviour } from "../kind-table.ts";

/** When everything in tests happens. */
export const NOW = "2024-01-02T03:04:05Z";

/** The object that a POST of the members makes, before it is judged. */
export function created(typeKey: string, members: Record<string, unknown>): KubeObject {
  const kind = kindBehaviour(typeKey);
  const { apiVersion, kind: name } = kind.empty as KubeObject;
  const object = structuredClone({ apiVersion, kind: name, metadata: {}, ...members }) as KubeObject;
  normalizeBuiltin(object, typeKey);
  kind.defaults?.(object);
  object.metadata = { name: "x", namespace: "default", uid: "u-1", creationTimestamp: NOW, ...object.metadata };
  kind.prepareForCreate?.(object, NOW);
  return object;
}

/** The texts of what is wrong with a POST. */
export function createProblems(typeKey: string, members: Record<string, unknown>): string[] {
  return (kindBehaviour(typeKey).validate?.(created(typeKey, members)) ?? []).map(fieldErrorText);
}

/** The object that a PUT makes of another. */
export function updated(typeKey: string, old: KubeObject, change: (next: KubeObject) => void): KubeObject {
  const kind = kindBehaviour(typeKey);
  const next = structuredClone(old);
  change(next);
  normalizeBuiltin(next, typeKey);
  kind.defaults?.(next);
  kind.prepareForUpdate?.(next, old, NOW);
  return next;
}

/** The texts of what is wrong with a PUT. */
export function updateProblems(typeKey: string, old: KubeObject, change: (next: KubeObject) => void): string[] {
  return (kindBehaviour(typeKey).validateUpdate?.(updated(typeKey, old, change), old) ?? []).map(fieldErrorText);
}

/** A spec, or another member that is a struct, to change in place. */
export function part(object: KubeObject, name: string): Record<string, unknown> {
  return object[name] as Record<string, unknown>;
}
