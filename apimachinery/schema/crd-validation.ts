// Defaults and validation of apiextensions.k8s.io/v1 CustomResourceDefinition. Paths in complaints are those of the
// original's internal form, see crd-hoisting.ts.

import { type FieldError, forbidden, invalid, notSupported, required } from "../meta/field-error.ts";
import type { KubeObject } from "../meta/types.ts";
import { conversionErrors, isPemBundle } from "./crd/crd-conversion-rules.ts";
import { type DefaultCheck, defaultErrors } from "./crd/crd-default-rules.ts";
import { hoistSpec, showVersions } from "./crd/crd-hoisting.ts";
import { approvalErrors, namesErrors } from "./crd/crd-names-rules.ts";
import { rootErrorsWithStatus } from "./crd/crd-root-rules.ts";
import { schemaRuleErrors } from "./crd/crd-schema-rules.ts";
import type { CrdSpec, CrdStatus, CrdVersion, CustomResourceDefinition, HoistedSpec } from "./crd/crd-types.ts";
import { columnErrors, deprecationErrors, selectableFieldErrors, subresourceErrors } from "./crd/crd-version-rules.ts";
import { hasDefault } from "./defaults.ts";
import { MAX_DEPTH, SCHEMA_ERRORS } from "./depth-limit.ts";
import type { JsonSchema } from "./json-schema.ts";
import { dns1035Label, dns1123Subdomain } from "./name-rules.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "./object-meta.ts";
import { allChildren, structuralErrors, unsupportedField } from "./structural.ts";

export interface CrdOptions {
  /**
   * Checks the rules in a version's schema (`x-kubernetes-validations`). Called with the whole schema and its path, once
   * for each, and only if nothing else is wrong with it.
   */
  readonly checkRules?: (schema: JsonSchema, path: string) => FieldError[];
  /** Checks a default against the rules of its schema. */
  readonly checkDefault?: DefaultCheck;
}

/** Fills in what a definition may leave out, in place: names, conversion, ports, and the stored version. */
export function defaultCustomResourceDefinition(crd: KubeObject): void {
  const definition = crd as CustomResourceDefinition;
  definition.spec ??= {};
  const { spec } = definition;
  spec.names ??= {};
  const { names } = spec;
  if ((names.singular ?? "") === "" && (names.kind ?? "") !== "") names.singular = (names.kind as string).toLowerCase();
  if ((names.listKind ?? "") === "" && (names.kind ?? "") !== "") names.listKind = `${names.kind}List`;
  spec.conversion ??= { strategy: "None" };
  const service = spec.conversion.webhook?.clientConfig?.service;
  if (service !== undefined) service.port ??= 443;
  for (const version of spec.versions ?? []) {
    if (version.schema?.openAPIV3Schema !== undefined) dropNullDefaults(version.schema.openAPIV3Schema, 0);
  }
  if ((definition.status?.storedVersions ?? []).length > 0) return;
  const stored = spec.versions?.find((version) => version.storage === true)?.name;
  if (stored !== undefined) definition.status = { ...definition.status, storedVersions: [stored] };
}

/** `default: null` says nothing and is not kept. */
function dropNullDefaults(schema: JsonSchema, depth: number): void {
  if (depth > MAX_DEPTH) throw SCHEMA_ERRORS.create("SCHEMA_VALUE_TOO_DEEP", { maxDepth: MAX_DEPTH });
  if (schema.default === null) delete schema.default;
  for (const below of allChildren(schema)) dropNullDefaults(below, depth + 1);
}

/** Complaints about a definition to be created; defaults have been filled in. */
export function validateCustomResourceDefinition(crd: KubeObject, options: CrdOptions = {}): FieldError[] {
  const { spec = {}, status = {} } = crd as CustomResourceDefinition;
  const name = `${spec.names?.plural ?? ""}.${spec.group ?? ""}`;
  const nameRule = (value: string): string[] => {
    const errors = dns1123Subdomain(value);
    return value === name ? errors : [...errors, 'must be spec.names.plural+"."+spec.group'];
  };
  return [
    ...validateObjectMeta(crd.metadata, { namespaced: false, nameRule }),
    ...specErrors(spec, options, false),
    ...statusErrors(status, spec),
    ...approvalErrors(crd, undefined),
    ...preserveErrors(spec),
  ];
}

/** Complaints about a definition that replaces another. */
export function validateCustomResourceDefinitionUpdate(
  crd: KubeObject,
  old: KubeObject,
  options: CrdOptions = {},
): FieldError[] {
  const { spec = {}, status = {} } = crd as CustomResourceDefinition;
  const { spec: oldSpec = {}, status: oldStatus = {} } = old as CustomResourceDefinition;
  const established = isEstablished(oldStatus);
  const oldBundle = oldSpec.conversion?.webhook?.clientConfig?.caBundle ?? "";
  const checkCaBundle = established && (oldBundle === "" || isPemBundle(oldBundle));
  return [
    ...validateObjectMetaUpdate(crd.metadata, old.metadata),
    ...specErrors(spec, options, checkCaBundle),
    ...immutableErrors(spec, oldSpec, established),
    ...statusErrors(status, spec),
    ...approvalErrors(crd, old),
    ...(oldSpec.preserveUnknownFields === true ? [] : preserveErrors(spec)),
  ];
}

function isEstablished(status: CrdStatus): boolean {
  return status.conditions?.some(({ type, status: value }) => type === "Established" && value === "True") === true;
}

function immutableErrors(spec: CrdSpec, old: CrdSpec, established: boolean): FieldError[] {
  const fields: (readonly [string, string | undefined, string | undefined])[] = [];
  if (established) {
    fields.push(["spec.scope", spec.scope, old.scope], ["spec.names.kind", spec.names?.kind, old.names?.kind]);
  }
  fields.push(["spec.group", spec.group, old.group], ["spec.names.plural", spec.names?.plural, old.names?.plural]);
  return fields
    .filter(([, value = "", before = ""]) => value !== before)
    .map(([path, value = ""]) => invalid(path, value, "field is immutable"));
}

function specErrors(spec: CrdSpec, options: CrdOptions, checkCaBundle: boolean): FieldError[] {
  const hoisted = hoistSpec(spec);
  const errors: FieldError[] = [...groupAndScopeErrors(spec)];
  if (hoisted.validation?.openAPIV3Schema === undefined) {
    for (const [index, version] of hoisted.versions.entries()) {
      if (version.schema?.openAPIV3Schema === undefined) {
        errors.push(required(`spec.versions[${index}].schema.openAPIV3Schema`));
      }
    }
  }
  if (spec.preserveUnknownFields === true && hasAnyDefault(spec)) {
    errors.push(invalid("spec.preserveUnknownFields", true, "must be false in order to use defaults in the schema"));
  }
  errors.push(...versionListErrors(spec, hoisted, options));
  errors.push(...namesErrors(spec.names ?? {}, "spec.names", true));
  const anyStatus = [hoisted, ...hoisted.versions].some(({ subresources }) => subresources?.status !== undefined);
  errors.push(...versionPartErrors(hoisted, "spec", "validation", { anyStatus, options }));
  const { conversion } = spec;
  if (conversion !== undefined) {
    if (conversion.strategy !== "None" && spec.preserveUnknownFields === true) {
      const detail = "must be None if spec.preserveUnknownFields is true";
      errors.push(invalid("spec.conversion.strategy", conversion.strategy ?? "", detail));
    }
    errors.push(...conversionErrors(conversion, "spec.conversion", { checkCaBundle }));
  }
  return errors;
}

function groupAndScopeErrors({ group = "", scope = "" }: CrdSpec): FieldError[] {
  const errors: FieldError[] = [];
  const complaints = dns1123Subdomain(group);
  if (group === "") errors.push(required("spec.group"));
  else if (complaints.length > 0) errors.push(invalid("spec.group", group, complaints.join(",")));
  else if (!group.includes(".")) errors.push(invalid("spec.group", group, "should be a domain with at least one dot"));
  if (scope === "") errors.push(required("spec.scope"));
  else if (scope !== "Cluster" && scope !== "Namespaced") {
    errors.push(notSupported("spec.scope", scope, ["Cluster", "Namespaced"]));
  }
  return errors;
}

function versionListErrors(spec: CrdSpec, hoisted: HoistedSpec, options: CrdOptions): FieldError[] {
  const errors: FieldError[] = [];
  const { versions } = hoisted;
  const perVersion = versions.some(({ subresources }) => subresources !== undefined);
  for (const [index, version] of versions.entries()) {
    const path = `spec.versions[${index}]`;
    const complaints = dns1035Label(version.name ?? "");
    if (complaints.length > 0) errors.push(invalid(`${path}.name`, version.name ?? "", complaints.join(",")));
    errors.push(...deprecationErrors(version, path));
    const subresources = perVersion ? version.subresources : hoisted.subresources;
    errors.push(
      ...versionPartErrors(version, path, "schema", { anyStatus: subresources?.status !== undefined, options }),
    );
  }
  const names = versions.map(({ name = "" }) => name);
  if (new Set(names).size < names.length) {
    errors.push(invalid("spec.versions", showVersions(spec, hoisted), "must contain unique version names"));
  }
  if (versions.filter(({ storage }) => storage === true).length !== 1) {
    const detail = "must have exactly one version marked as storage version";
    errors.push(invalid("spec.versions", showVersions(spec, hoisted), detail));
  }
  const first = names[0] ?? "";
  const complaints = first === "" ? [] : dns1035Label(first);
  if (complaints.length > 0) errors.push(invalid("spec.version", first, complaints.join(",")));
  return errors;
}

interface PartOptions {
  readonly anyStatus: boolean;
  readonly options: CrdOptions;
}

/** What a version may have of its own, or all versions share: `part` holds either. */
function versionPartErrors(
  part: CrdVersion | HoistedSpec,
  path: string,
  schemaKey: "schema" | "validation",
  { anyStatus, options }: PartOptions,
): FieldError[] {
  const holder =
    schemaKey in part
      ? (part as { schema?: CrdVersion["schema"]; validation?: CrdVersion["schema"] })[schemaKey]
      : undefined;
  const schema = holder?.openAPIV3Schema;
  const errors: FieldError[] = [];
  if (schema !== undefined)
    errors.push(...schemaErrors(schema, `${path}.${schemaKey}.openAPIV3Schema`, { anyStatus, options }));
  errors.push(...subresourceErrors(part.subresources, `${path}.subresources`));
  for (const [index, column] of (part.additionalPrinterColumns ?? []).entries()) {
    errors.push(...columnErrors(column, `${path}.additionalPrinterColumns[${index}]`));
  }
  const fields = part.selectableFields ?? [];
  if (fields.length > 0) errors.push(...selectableErrors(fields, schema, path));
  return errors;
}

function selectableErrors(
  fields: readonly { jsonPath?: string }[],
  schema: JsonSchema | undefined,
  path: string,
): FieldError[] {
  const at = `${path}.selectableFields`;
  if (schema === undefined) {
    const detail =
      path === "spec"
        ? "may only be set when validations.schema is included"
        : "may only be set when `version.schema.openAPIV3Schema` is not included";
    return [invalid(at, "", detail)];
  }
  const unsupported = unsupportedField(schema);
  if (unsupported !== undefined) return [invalid(`${path}.schema.openAPIV3Schema`, "", unsupported)];
  return selectableFieldErrors(fields, schema, at);
}

function schemaErrors(schema: JsonSchema, path: string, { anyStatus, options }: PartOptions): FieldError[] {
  const errors: FieldError[] = anyStatus ? [...rootErrorsWithStatus(schema, path)] : [];
  if (schema.nullable === true) errors.push(forbidden(`${path}.nullable`, "nullable cannot be true at the root"));
  const unsupported = unsupportedField(schema);
  if (unsupported === undefined) {
    const structural = structuralErrors(schema, path);
    errors.push(...(structural.length > 0 ? structural : defaultErrors(schema, path, options.checkDefault)));
  }
  errors.push(...schemaRuleErrors(schema, path));
  if (errors.length > 0) return errors;
  if (unsupported !== undefined) return [invalid(path, "", unsupported)];
  return options.checkRules?.(schema, path) ?? [];
}

function hasAnyDefault(spec: CrdSpec): boolean {
  const visit = (schema: JsonSchema, depth: number): boolean =>
    depth <= MAX_DEPTH && (hasDefault(schema) || allChildren(schema).some((below) => visit(below, depth + 1)));
  return (spec.versions ?? []).some(
    ({ schema }) => schema?.openAPIV3Schema !== undefined && visit(schema.openAPIV3Schema, 0),
  );
}

function statusErrors(status: CrdStatus, spec: CrdSpec): FieldError[] {
  const errors = namesErrors(status.acceptedNames ?? {}, "status.acceptedNames", false);
  const path = "status.storedVersions";
  const stored = status.storedVersions ?? [];
  if (stored.length === 0) {
    return [...errors, invalid(path, status.storedVersions ?? null, "must have at least one stored version")];
  }
  const versions = spec.versions ?? [];
  const unmatched = new Set(stored);
  for (const { name = "", storage } of versions) {
    const isStored = unmatched.delete(name);
    if (storage === true && !isStored) {
      errors.push(invalid(path, stored, `must have the storage version ${name}`));
    }
  }
  for (const [index, name] of stored.entries()) {
    if (versions.some((version) => version.name === name)) continue;
    const detail = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalid(`${path}[${index}]`, name, detail));
  }
  return errors;
}

function preserveErrors(spec: CrdSpec): FieldError[] {
  if (spec.preserveUnknownFields !== true) return [];
  const detail =
    "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead";
  return [invalid("spec.preserveUnknownFields", true, detail)];
}
