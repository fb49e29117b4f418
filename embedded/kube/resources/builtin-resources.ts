import { FieldSet } from "@holdfast/apimachinery/apply/field-set";
import { builtinSchema } from "@holdfast/apimachinery/builtin/builtin-schema";
import { emptyObject } from "@holdfast/apimachinery/builtin/empty-object";
import { normalizeBuiltin } from "@holdfast/apimachinery/builtin/kinds/decode-builtin";
import type { KindBehaviour } from "@holdfast/apimachinery/builtin/kinds/kind-behaviour";
import { kindBehaviour } from "@holdfast/apimachinery/builtin/kinds/kind-table";
import { apiVersionOf, type KubeObject } from "@holdfast/apimachinery/meta/types";
import { builtinName } from "@holdfast/apimachinery/openapi/openapi-v3";
import type { JsonSchema } from "@holdfast/apimachinery/schema/json-schema";
import { dns1123Subdomain } from "@holdfast/apimachinery/schema/name-rules";
import { definitionBehaviour } from "../custom/definition-behaviour.ts";
import { BUILTIN_ROWS, type BuiltinRow } from "./builtin-types.ts";
import type { Behaviour, Column, ResourceType, ScalePaths, Verb } from "./resource-type.ts";

const STORED_VERBS: readonly Verb[] = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
];

/** The built-in resources as the server serves them. */
export function builtinResources(): ResourceType[] {
  return BUILTIN_ROWS.map(resourceOf);
}

/** Definitions know more than the kind table does: they compile what they define. */
function kindOf(row: BuiltinRow): KindBehaviour {
  const kind = kindBehaviour(row.typeKey);
  return row.kind === "CustomResourceDefinition" ? { ...kind, ...definitionBehaviour } : kind;
}

function resourceOf(row: BuiltinRow): ResourceType {
  const kind = kindOf(row);
  const hasStatus = row.subresources.some((s) => s.name === "status");
  const scale = row.subresources.some((s) => s.name === "scale") ? SCALE_PATHS : undefined;
  return {
    group: row.group,
    version: row.version,
    kind: row.kind,
    listKind: `${row.kind}List`,
    plural: row.plural,
    singular: row.kind.toLowerCase(),
    shortNames: row.shortNames,
    categories: row.categories,
    namespaced: row.namespaced,
    verbs: row.virtual ? ["create"] : STORED_VERBS,
    bucket: bucketOf(row),
    storageVersion: row.storageVersion,
    schema: schemaOf(row),
    behaviour: behaviourOf(row, hasStatus),
    hasStatus,
    ...(scale === undefined ? {} : { scale }),
    nameProblems: kind.nameProblems ?? dns1123Subdomain,
    resetFields: hasStatus
      ? { main: FieldSet.ofFields(["status"]), status: FieldSet.ofFields(["spec"], ["metadata"]) }
      : {},
    openapi: { name: builtinName(row.typeKey), schema: undefined, typeKey: row.typeKey },
    empty: kind.empty ?? emptyObject(row.typeKey, apiVersionOf(row), row.kind),
    ...(kind.convert === undefined ? {} : { convert: kind.convert }),
    ...(kind.toStorage === undefined ? {} : { toStorage: kind.toStorage }),
  };
}

const SCALE_PATHS: ScalePaths = {
  specReplicas: ".spec.replicas",
  statusReplicas: ".status.replicas",
  labelSelector: ".spec.selector",
};

/** events.k8s.io and core events are the same objects. */
function bucketOf(row: BuiltinRow): string {
  if (row.plural === "events") return "events";
  return row.group === "" ? row.plural : `${row.plural}.${row.group}`;
}

/** The whole object's schema: that of the type, with apiVersion and kind. */
function schemaOf(row: BuiltinRow): JsonSchema {
  const schema = builtinSchema(row.typeKey);
  if (schema === undefined) throw new TypeError(`Cannot serve ${row.plural}: the type table has no "${row.typeKey}"`);
  return {
    ...schema,
    properties: { apiVersion: { type: "string" }, kind: { type: "string" }, ...schema.properties },
  };
}

const PLAIN_COLUMNS: readonly Column[] = [
  { name: "Name", type: "string", format: "name", description: "Name must be unique within a namespace.", priority: 0 },
  {
    name: "Age",
    type: "date",
    format: "",
    description: "When the object was created, as a duration since then.",
    priority: 0,
  },
];

function behaviourOf(row: BuiltinRow, hasStatus: boolean): Behaviour {
  const kind = kindOf(row);
  const empty = kind.empty ?? emptyObject(row.typeKey, apiVersionOf(row), row.kind);
  const nothing = () => undefined;
  return {
    unconditionalUpdate: kind.unconditionalUpdate ?? true,
    createOnUpdate: kind.createOnUpdate ?? false,
    generation: kind.generation ?? false,
    normalize: (object, unknown) => normalizeBuiltin(object, row.typeKey, unknown),
    defaults: kind.defaults ?? nothing,
    prepareForCreate: (object) => {
      if (hasStatus) resetStatus(object, empty);
      kind.prepareForCreate?.(object);
    },
    prepareForUpdate: (next, old) => {
      if (hasStatus) keepStatus(next, old);
      kind.prepareForUpdate?.(next, old);
    },
    prepareForStatusUpdate: kind.prepareForStatusUpdate ?? statusOnly,
    validate: kind.validate ?? (() => []),
    validateUpdate: kind.validateUpdate ?? ((next) => kind.validate?.(next) ?? []),
    validateStatusUpdate: kind.validateStatusUpdate ?? (() => []),
    ...(kind.warnings === undefined ? {} : { warnings: kind.warnings }),
    columns: () => kind.columns ?? PLAIN_COLUMNS,
    cells: kind.cells ?? ((object) => [object.metadata.name ?? "", object.metadata.creationTimestamp ?? null]),
    selectableFields: kind.selectableFields ?? (() => ({})),
    selectableFieldNames: kind.selectableFieldNames ?? [],
    ...(row.kind === "CustomResourceDefinition" ? { validatesMeta: true, plainDeletionMark: true } : {}),
    ...(kind.holdsDeletion === undefined ? {} : { holdsDeletion: kind.holdsDeletion }),
    ...(kind.prepareForDelete === undefined ? {} : { prepareForDelete: kind.prepareForDelete }),
    ...(kind.deleteReturnsObject === undefined ? {} : { deleteReturnsObject: kind.deleteReturnsObject }),
    ...(kind.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: kind.gracePeriodSeconds }),
  };
}

/** A new object's status is that of the zero value, which most kinds show. */
function resetStatus(object: KubeObject, empty: KubeObject): void {
  const status = empty["status"];
  if (status === undefined) delete object["status"];
  else object["status"] = structuredClone(status);
}

function keepStatus(next: KubeObject, old: KubeObject): void {
  if (old["status"] === undefined) delete next["status"];
  else next["status"] = old["status"];
}

/** What most kinds do on /status: everything but status, labels and annotations stays. */
function statusOnly(next: KubeObject, old: KubeObject): void {
  for (const key of Object.keys(next)) if (key !== "status" && key !== "metadata" && !(key in old)) delete next[key];
  for (const [key, value] of Object.entries(old)) if (key !== "status" && key !== "metadata") next[key] = value;
  const { managedFields, annotations } = next.metadata;
  next.metadata = {
    ...old.metadata,
    ...(next.metadata.resourceVersion === undefined ? {} : { resourceVersion: next.metadata.resourceVersion }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(managedFields === undefined ? {} : { managedFields }),
  };
}
