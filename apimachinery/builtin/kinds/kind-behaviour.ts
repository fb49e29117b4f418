import type { FieldError } from "../../meta/field-error.ts";
import type { KubeObject } from "../../meta/types.ts";
import type { TableColumn } from "../../table/custom-columns.ts";

/** What one built-in kind does beyond what all objects do. Everything is optional; functions without a result work in place. */
export interface KindBehaviour {
  readonly defaults?: (object: KubeObject) => void;
  /**
   * What the admission plugins of the original fill in that every server has, before webhooks see the object. Idempotent, and
   * part of {@link prepareForCreate} too, for whoever does not ask before.
   */
  readonly admit?: (object: KubeObject) => void;
  /** A status sent with a creation is kept. */
  readonly keepsStatusOnCreate?: boolean;
  /** Before the object is validated. `now` RFC 3339; without it, times that the kind records stay empty. */
  readonly prepareForCreate?: (object: KubeObject, now?: string) => void;
  readonly prepareForUpdate?: (next: KubeObject, old: KubeObject, now?: string) => void;
  readonly prepareForStatusUpdate?: (next: KubeObject, old: KubeObject, now?: string) => void;
  /** `now` RFC 3339 */
  readonly prepareForDelete?: (object: KubeObject, now: string) => KubeObject;
  /** True while a deletion must only mark the object: it is held by something beside its finalizers and grace period. */
  readonly holdsDeletion?: (object: KubeObject) => boolean;
  readonly validate?: (object: KubeObject) => FieldError[];
  readonly validateUpdate?: (next: KubeObject, old: KubeObject) => FieldError[];
  readonly validateStatusUpdate?: (next: KubeObject, old: KubeObject) => FieldError[];
  readonly warnings?: (object: KubeObject) => string[];
  readonly columns?: readonly TableColumn[];
  readonly cells?: (object: KubeObject, nowMs: number) => unknown[];
  readonly selectableFieldNames?: readonly string[];
  readonly selectableFields?: (object: KubeObject) => Readonly<Record<string, string>>;
  /** metadata.generation counts changes outside of metadata and status. */
  readonly generation?: boolean;
  /** Default true. */
  readonly unconditionalUpdate?: boolean;
  readonly createOnUpdate?: boolean;
  readonly deleteReturnsObject?: boolean;
  readonly gracePeriodSeconds?: (object: KubeObject, wished: number | undefined) => number;
  readonly nameProblems?: (name: string) => string[];
  /** The zero value as it encodes. */
  readonly empty?: KubeObject;
  /** Stored form -> form of this version, and back; only for kinds with several versions. */
  readonly convert?: (stored: KubeObject) => KubeObject;
  readonly toStorage?: (served: KubeObject) => KubeObject;
}
