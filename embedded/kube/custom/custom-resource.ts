import { FieldSet } from "@holdfast/apimachinery/apply/field-set";
import type { OtherVersion, VersionLookup } from "@holdfast/apimachinery/apply/versions";
import { compileSchemaRules, type SchemaRules, uncheckedRules } from "@holdfast/apimachinery/cel/schema-rules";
import { type FieldError, invalid } from "@holdfast/apimachinery/meta/field-error";
import { badRequest, failure, invalidObject } from "@holdfast/apimachinery/meta/status-error";
import { apiVersionOf, type Json, type JsonObject, type KubeObject } from "@holdfast/apimachinery/meta/types";
import { customName } from "@holdfast/apimachinery/openapi/openapi-v3";
import { applyDefaults } from "@holdfast/apimachinery/schema/defaults";
import { coerceEmbeddedResources } from "@holdfast/apimachinery/schema/embedded-resources";
import type { JsonSchema } from "@holdfast/apimachinery/schema/json-schema";
import { dns1123Subdomain } from "@holdfast/apimachinery/schema/name-rules";
import { readObjectMeta } from "@holdfast/apimachinery/schema/object-meta-coercion";
import { pruneObject } from "@holdfast/apimachinery/schema/prune";
import { scaleSpecErrors, scaleStatusErrors } from "@holdfast/apimachinery/schema/scale-paths";
import { compileValidator } from "@holdfast/apimachinery/schema/validate";
import { compileColumns } from "@holdfast/apimachinery/table/custom-columns";
import type { Behaviour, ResourceType, ScalePaths, Verb } from "../resources/resource-type.ts";
import type { CrdVersion, CustomResourceDefinition } from "./definition.ts";
import { customBuiltinFields } from "./object-fields.ts";
import { compareVersions } from "./version-order.ts";

const VERBS: readonly Verb[] = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];

/** The served versions of a definition as resources. Compiling is done here, once for each definition. */
export function customResources(crd: CustomResourceDefinition, servedSince = 0): ResourceType[] {
  const storage = crd.spec.versions.find((v) => v.storage);
  if (storage === undefined) return [];
  const served = crd.spec.versions.filter((v) => v.served);
  const everywhere = {
    servedSince,
    ...(crd.metadata.deletionTimestamp === undefined ? {} : { terminating: true }),
    ...(served.length > 1 ? { versions: versionsOf(crd) } : {}),
  };
  return served
    .sort((a, b) => compareVersions(a.name, b.name))
    .map((version) => ({
      ...customResource(crd, version, storage.name),
      ...conversionOf(crd, version, storage),
      ...everywhere,
    }));
}

function customResource(crd: CustomResourceDefinition, version: CrdVersion, storageVersion: string): ResourceType {
  const { spec } = crd;
  const names = crd.status?.acceptedNames ?? spec.names;
  const declared = version.schema?.openAPIV3Schema ?? PRESERVES_ALL;
  const hasStatus = version.subresources?.status !== undefined && version.subresources.status !== null;
  const scale = version.subresources?.scale;
  const schema = customBuiltinFields(declared);
  const gv = { group: spec.group, version: version.name };
  const deprecation = deprecationOf(crd, version);
  return {
    ...gv,
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: spec.scope === "Namespaced",
    verbs: VERBS,
    bucket: `${names.plural}.${spec.group}`,
    storageVersion,
    schema,
    behaviour: customBehaviour(crd, version, declared, hasStatus),
    hasStatus,
    ...(scale === undefined || scale === null ? {} : { scale: scalePaths(scale) }),
    nameProblems: dns1123Subdomain,
    definition: crd.metadata.name as string,
    ...(deprecation === undefined ? {} : { deprecation }),
    resetFields: hasStatus
      ? { main: FieldSet.ofFields(["status"]), status: FieldSet.ofFields(["metadata"], ["spec"]) }
      : {},
    openapi: { name: customName(gv.group, gv.version, names.kind), schema: () => declared },
  };
}

function scalePaths(scale: {
  specReplicasPath: string;
  statusReplicasPath: string;
  labelSelectorPath?: string;
}): ScalePaths {
  return {
    specReplicas: scale.specReplicasPath,
    statusReplicas: scale.statusReplicasPath,
    ...(scale.labelSelectorPath === undefined ? {} : { labelSelector: scale.labelSelectorPath }),
  };
}

function customBehaviour(
  crd: CustomResourceDefinition,
  version: CrdVersion,
  schema: JsonSchema,
  hasStatus: boolean,
): Behaviour {
  const validator = compileValidator(schema);
  const rules = compileSchemaRules(schema);
  const columns = compileColumns(version.additionalPrinterColumns ?? undefined);
  const preserves = crd.spec.preserveUnknownFields === true;
  const selectable = (version.selectableFields ?? []).map((f) => f.jsonPath);
  const apiVersion = apiVersionOf({ group: crd.spec.group, version: version.name });
  const scale = version.subresources?.scale ?? undefined;
  const scaled = (object: KubeObject, withSpec: boolean): FieldError[] => {
    if (scale === undefined) return [];
    const status = scaleStatusErrors(object as unknown as JsonObject, scale);
    return withSpec ? [...scaleSpecErrors(object as unknown as JsonObject, scale), ...status] : status;
  };
  const kindText = `${crd.spec.names.kind} in version "${version.name}"`;
  return {
    unconditionalUpdate: false,
    createOnUpdate: false,
    generation: true,
    normalize(object, unknown) {
      const wrongType = typeErrors(object, { kind: crd.spec.names.kind, apiVersion });
      if (wrongType.length > 0) {
        throw invalidObject({ group: crd.spec.group, resource: object.kind }, object.metadata.name ?? "", wrongType);
      }
      const meta = readObjectMeta(object.metadata as unknown as Json);
      if ("error" in meta) throw badRequest(`${kindText} cannot be handled as a ${crd.spec.names.kind}: ${meta.error}`);
      object.metadata = meta.meta as unknown as KubeObject["metadata"];
      if (unknown !== undefined) unknown.push(...meta.unknown.map((path) => `metadata.${path}`));
      const failed = coerceEmbeddedResources(object as unknown as JsonObject, schema, unknown ?? []);
      if (failed !== undefined)
        throw invalidObject({ group: crd.spec.group, resource: crd.spec.names.kind }, object.metadata.name ?? "", [
          failed,
        ]);
      if (!preserves)
        pruneObject(object as unknown as JsonObject, schema, {
          isResourceRoot: true,
          ...(unknown === undefined ? {} : { unknown }),
        });
    },
    defaults: (object) => applyDefaults(object as unknown as Json, schema),
    prepareForCreate(object) {
      if (hasStatus) delete object["status"];
    },
    prepareForUpdate(next, old) {
      if (!hasStatus) return;
      if (old["status"] === undefined) delete next["status"];
      else next["status"] = old["status"];
    },
    prepareForStatusUpdate(next, old) {
      const status = next["status"];
      const { managedFields, resourceVersion } = next.metadata;
      for (const key of Object.keys(next)) if (!(key in old)) delete next[key];
      Object.assign(next, old);
      if (status === undefined) delete next["status"];
      else next["status"] = status;
      next.metadata = {
        ...old.metadata,
        ...(managedFields === undefined ? {} : { managedFields }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      };
    },
    validate: (object) => withRules(rules, [...validator.validate(object), ...scaled(object, true)], object),
    validateUpdate: (next, old) =>
      withRules(rules, [...validator.validateUpdate(next, old), ...scaled(next, true)], next, old),
    validateStatusUpdate: (next, old) =>
      withRules(rules, [...validator.validateStatusUpdate(next, old), ...scaled(next, false)], next, old),
    columns: () => columns.definitions,
    cells: (object, now) => columns.cells(object, now),
    selectableFieldNames: selectable.map((path) => path.replace(/^\./, "")),
    selectableFields: (object) =>
      Object.fromEntries(selectable.map((path) => [path.replace(/^\./, ""), textAt(object, path)])),
  };
}

/** Adds what the rules of the schema find, or says why they were not asked. */
function withRules(
  rules: SchemaRules | undefined,
  errors: FieldError[],
  object: KubeObject,
  old?: KubeObject,
): FieldError[] {
  if (rules === undefined) return errors;
  const blocked = uncheckedRules(errors);
  return [...errors, ...(blocked === undefined ? rules.validate(object, old) : [blocked])];
}

function typeErrors(object: KubeObject, wanted: { readonly kind: string; readonly apiVersion: string }): FieldError[] {
  const errors: FieldError[] = [];
  if (object.kind !== wanted.kind) errors.push(invalid("kind", object.kind, `must be ${wanted.kind}`));
  if (object.apiVersion !== wanted.apiVersion) {
    errors.push(invalid("apiVersion", object.apiVersion, `must be ${wanted.apiVersion}`));
  }
  return errors;
}

/** What everybody who uses a deprecated version is told. */
function deprecationOf(crd: CustomResourceDefinition, version: CrdVersion): string | undefined {
  if (version.deprecated !== true) return undefined;
  if (version.deprecationWarning !== undefined) return version.deprecationWarning;
  const { group, names, versions } = crd.spec;
  const better = versions
    .filter((v) => v.served && v.deprecated !== true && compareVersions(v.name, version.name) < 0)
    .map((v) => v.name)
    .sort(compareVersions)[0];
  const hint = better === undefined ? "" : `; use ${group}/${better} ${names.kind}`;
  return `${group}/${version.name} ${names.kind} is deprecated${hint}`;
}

/** How objects go from the storage version to another and back: only apiVersion changes, and what the other does not know goes. */
function conversionOf(crd: CustomResourceDefinition, version: CrdVersion, storage: CrdVersion): Partial<ResourceType> {
  if (crd.spec.conversion?.strategy === "Webhook") return withoutWebhook(crd, version, storage);
  if (version.name === storage.name) return {};
  const { group } = crd.spec;
  const preserves = crd.spec.preserveUnknownFields === true;
  const between = (object: KubeObject, to: CrdVersion): KubeObject => {
    const copy = structuredClone(object);
    copy.apiVersion = apiVersionOf({ group, version: to.name });
    const schema = to.schema?.openAPIV3Schema;
    if (schema !== undefined && !preserves)
      pruneObject(copy as unknown as JsonObject, schema, { isResourceRoot: true });
    return copy;
  };
  return {
    convert: (stored) => between(stored, version),
    toStorage: (object) => between(object, storage),
  };
}

/**
 * A definition whose versions differ in more than their names asks for a webhook, and none is called here. Objects pass in the form
 * they are stored in; anything else is refused, since a wrong conversion would be stored and believed.
 */
function withoutWebhook(
  crd: CustomResourceDefinition,
  version: CrdVersion,
  storage: CrdVersion,
): Partial<ResourceType> {
  const apiVersion = apiVersionOf({ group: crd.spec.group, version: version.name });
  const refusal = (from: string, to: string) => {
    const why = `conversion webhook for ${from}, Kind=${crd.spec.names.kind} failed: this server calls no conversion webhooks, so it cannot make ${to} of it; use version ${storage.name}`;
    return failure("InternalError", `Internal error occurred: ${why}`, { status: { causes: [{ message: why }] } });
  };
  const convert = (stored: KubeObject): KubeObject => {
    if (stored.apiVersion === apiVersion) return stored;
    throw refusal(stored.apiVersion, apiVersion);
  };
  if (version.name === storage.name) return { convert };
  const stored = apiVersionOf({ group: crd.spec.group, version: storage.name });
  const toStorage = (): KubeObject => {
    throw refusal(apiVersion, stored);
  };
  return { convert, toStorage, refusal: () => refusal(stored, apiVersion) };
}

/** The served versions as ownership of fields sees them; it converts without pruning, as the original does. */
function versionsOf(crd: CustomResourceDefinition): VersionLookup {
  const known = new Map<string, OtherVersion>();
  for (const { name, served, schema } of crd.spec.versions) {
    if (!served) continue;
    const apiVersion = apiVersionOf({ group: crd.spec.group, version: name });
    known.set(apiVersion, {
      schema: customBuiltinFields(schema?.openAPIV3Schema ?? PRESERVES_ALL),
      convert: (object) => ({ ...object, apiVersion }),
    });
  }
  return (apiVersion) => known.get(apiVersion);
}

const PRESERVES_ALL: JsonSchema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

function textAt(object: KubeObject, path: string): string {
  let value: unknown = object;
  for (const part of path.split(".").filter((p) => p !== "")) {
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, part)) return "";
    value = (value as Record<string, unknown>)[part];
  }
  return value === null || value === undefined || typeof value === "object" ? "" : String(value);
}
