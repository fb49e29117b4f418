import type { FieldSet } from "@holdfast/apimachinery/apply/field-set";
import type { VersionLookup } from "@holdfast/apimachinery/apply/versions";
import type { FieldError } from "@holdfast/apimachinery/meta/field-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { JsonSchema } from "@holdfast/apimachinery/schema/json-schema";

export type Verb = "create" | "delete" | "deletecollection" | "get" | "list" | "patch" | "update" | "watch";

/** A column of a Table, metav1.TableColumnDefinition. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0 is always shown, 1 only with `-o wide`. */
  readonly priority: number;
}

/** How the objects of one kind behave beyond what all objects do. All functions are pure and work in place where they return nothing. */
export interface Behaviour {
  /** PUT without a resourceVersion overwrites whatever is there. */
  readonly unconditionalUpdate: boolean;
  /** PUT of a missing object creates it. */
  readonly createOnUpdate: boolean;
  /** metadata.generation counts changes of anything but metadata and status. */
  readonly generation: boolean;
  /**
   * Brings a decoded body into the form of the kind: drops unknown fields (their paths go to `unknown`), coerces nulls.
   *
   * @throws StatusError 400 when a value cannot be decoded into its type
   */
  normalize(object: KubeObject, unknown?: string[]): void;
  defaults(object: KubeObject): void;
  prepareForCreate(object: KubeObject): void;
  /** Puts back what the endpoint must not change (status on the main resource, everything else on /status is done by the caller). */
  prepareForUpdate(next: KubeObject, old: KubeObject): void;
  /** On /status: `next` keeps from the request what the endpoint may change, the rest comes from `old`. */
  prepareForStatusUpdate(next: KubeObject, old: KubeObject): void;
  validate(object: KubeObject): FieldError[];
  validateUpdate(next: KubeObject, old: KubeObject): FieldError[];
  validateStatusUpdate(next: KubeObject, old: KubeObject): FieldError[];
  /** Seconds between the mark of deletion and the removal; absent for kinds that go at once. */
  gracePeriodSeconds?(object: KubeObject, wished: number | undefined): number;
  /** What a deletion does to the object beside marking it. `now` RFC 3339. */
  prepareForDelete?(object: KubeObject, now: string): KubeObject;
  /** True while a deletion must only mark the object: it is held by something beside its finalizers and grace period. */
  holdsDeletion?(object: KubeObject): boolean;
  /** DELETE answers with the object, not with a Status. */
  readonly deleteReturnsObject?: boolean;
  /** {@link validate} and {@link validateUpdate} judge metadata too. */
  readonly validatesMeta?: boolean;
  /** A deletion bumps metadata.generation and records its grace period. Default true; false for kinds that only mark. */
  readonly plainDeletionMark?: boolean;
  warnings?(object: KubeObject): string[];
  columns(): readonly Column[];
  /** Cells in the order of {@link columns}. `now` in milliseconds, for ages. */
  cells(object: KubeObject, now: number): unknown[];
  /** Values that field selectors may name beside metadata.name and metadata.namespace. */
  selectableFields(object: KubeObject): Readonly<Record<string, string>>;
  readonly selectableFieldNames: readonly string[];
}

/** Where /scale reads and writes replicas. */
export interface ScalePaths {
  readonly specReplicas: string;
  readonly statusReplicas: string;
  readonly labelSelector?: string;
}

/** One resource in one version, as the server serves it. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  /** Store bucket, the same for every version of the resource: `deployments.apps`. */
  readonly bucket: string;
  /** The version objects are stored in; equal to `version` but for resources with several. */
  readonly storageVersion: string;
  /** Type information for patches and server-side apply. */
  readonly schema: JsonSchema;
  readonly behaviour: Behaviour;
  readonly hasStatus: boolean;
  readonly scale?: ScalePaths;
  /** Name rule of metadata.name: messages, empty when fine. */
  nameProblems(name: string): string[];
  /** Custom resources only: the name of the definition. */
  readonly definition?: string;
  /** Fields that server-side apply and managed fields leave out, by endpoint. */
  readonly resetFields: { readonly main?: FieldSet; readonly status?: FieldSet };
  /** Custom resources only: the revision from which on there can be events. */
  readonly servedSince?: number;
  /** Custom resources only: the definition is going, nothing new may come. */
  readonly terminating?: boolean;
  /** The other versions, for ownership of fields that was won in them. */
  readonly versions?: VersionLookup;
  /** Warning for everybody who uses this version. */
  readonly deprecation?: string;
  /** What an exported OpenAPI document says of the kind. */
  readonly openapi: {
    readonly name: string;
    readonly schema: (() => JsonSchema) | undefined;
    readonly typeKey?: string;
  };
  /** The zero value of the kind as it encodes: who creates an object owns what it has beyond this. */
  readonly empty?: KubeObject;
  /** Brings a stored object to this version. Undefined: only apiVersion differs. */
  convert?(object: KubeObject): KubeObject;
  /** The inverse of {@link convert}. */
  toStorage?(object: KubeObject): KubeObject;
  /** Why no request for this version can be served, as the error that answers it. */
  refusal?(): Error;
}

/**
 * Whether objects are kept in the form of this type. The version alone does not tell: events.k8s.io/v1 are kept as events of the core
 * group, whose version is v1 too.
 */
export function isStorageForm(type: ResourceType): boolean {
  return type.version === type.storageVersion && type.toStorage === undefined;
}

/** Key of an object in its bucket. */
export function storeKey(namespace: string, name: string): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}
