// Validation of metadata, the same for every kind: what apimachinery's ValidateObjectMeta and ValidateObjectMetaUpdate
// refuse. Typing of metadata (JSON -> ObjectMeta) is in object-meta-coercion.ts.

import { type FieldError, forbidden, invalid, notSupported, required } from "../meta/field-error.ts";
import { type ManagedFieldsEntry, type ObjectMeta, type OwnerReference, parseApiVersion } from "../meta/types.ts";
import {
  byteLength,
  dns1123Label,
  dns1123Subdomain,
  labelValue,
  type NameRule,
  qualifiedName,
  ruleForPrefix,
} from "./name-rules.ts";

/** Keys and values of all annotations together: 256 KiB. */
export const MAX_ANNOTATIONS_BYTES = 262_144;
const MAX_MANAGER_BYTES = 128;
const MAX_SUBRESOURCE_BYTES = 256;

export interface ObjectMetaOptions {
  /** Whether objects of the kind live in namespaces. */
  readonly namespaced: boolean;
  /** Rule for metadata.name; default {@link dns1123Subdomain}. */
  readonly nameRule?: NameRule;
  /** Where the metadata stands; default `metadata`. */
  readonly path?: string;
}

/** What is wrong with the metadata of an object to be created. Name generation has already happened. */
export function validateObjectMeta(meta: ObjectMeta, options: ObjectMetaOptions): FieldError[] {
  const path = options.path ?? "metadata";
  const nameRule = options.nameRule ?? dns1123Subdomain;
  const errors: FieldError[] = [];
  const { generateName = "", name = "", namespace = "" } = meta;
  if (generateName !== "") pushEach(errors, `${path}.generateName`, generateName, ruleForPrefix(nameRule));
  if (name === "") errors.push(required(`${path}.name`, "name or generateName is required"));
  else pushEach(errors, `${path}.name`, name, nameRule);
  if (!options.namespaced) {
    if (namespace !== "") errors.push(forbidden(`${path}.namespace`, "not allowed on this type"));
  } else if (namespace === "") errors.push(required(`${path}.namespace`));
  else pushEach(errors, `${path}.namespace`, namespace, dns1123Label);
  validateGeneration(errors, meta, path);
  validateLabels(errors, meta.labels, `${path}.labels`);
  validateAnnotations(errors, meta.annotations, `${path}.annotations`);
  validateOwners(errors, meta.ownerReferences, `${path}.ownerReferences`);
  validateFinalizers(errors, meta.finalizers, `${path}.finalizers`);
  validateManagedFields(errors, meta.managedFields, `${path}.managedFields`);
  return errors;
}

/** What is wrong with a change of metadata. The server has already put back what clients cannot change. */
export function validateObjectMetaUpdate(meta: ObjectMeta, old: ObjectMeta, path = "metadata"): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp !== undefined && old.deletionTimestamp !== null) {
    noNewFinalizers(errors, meta.finalizers ?? [], old.finalizers ?? [], `${path}.finalizers`);
  }
  if ((meta.resourceVersion ?? "") === "") {
    errors.push(invalid(`${path}.resourceVersion`, meta.resourceVersion ?? "", "must be specified for an update"));
  }
  validateGeneration(errors, meta, path);
  if ((meta.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(invalid(`${path}.generation`, meta.generation ?? 0, "must not be decremented"));
  }
  immutable(errors, `${path}.name`, meta.name ?? "", old.name ?? "");
  immutable(errors, `${path}.namespace`, meta.namespace ?? "", old.namespace ?? "");
  immutable(errors, `${path}.uid`, meta.uid ?? "", old.uid ?? "");
  immutable(errors, `${path}.creationTimestamp`, meta.creationTimestamp ?? null, old.creationTimestamp ?? null);
  immutable(errors, `${path}.deletionTimestamp`, meta.deletionTimestamp ?? null, old.deletionTimestamp ?? null);
  immutable(
    errors,
    `${path}.deletionGracePeriodSeconds`,
    meta.deletionGracePeriodSeconds ?? null,
    old.deletionGracePeriodSeconds ?? null,
  );
  validateLabels(errors, meta.labels, `${path}.labels`);
  validateAnnotations(errors, meta.annotations, `${path}.annotations`);
  validateOwners(errors, meta.ownerReferences, `${path}.ownerReferences`);
  validateManagedFields(errors, meta.managedFields, `${path}.managedFields`);
  return errors;
}

function pushEach(errors: FieldError[], field: string, value: string, rule: NameRule): void {
  for (const message of rule(value)) errors.push(invalid(field, value, message));
}

function immutable(errors: FieldError[], field: string, value: string | number | null, old: unknown): void {
  if (value !== old) errors.push(invalid(field, value, "field is immutable"));
}

function validateGeneration(errors: FieldError[], meta: ObjectMeta, path: string): void {
  if ((meta.generation ?? 0) < 0) {
    errors.push(invalid(`${path}.generation`, meta.generation, "must be greater than or equal to 0"));
  }
}

function validateLabels(errors: FieldError[], labels: ObjectMeta["labels"], path: string): void {
  if (labels === undefined) return;
  for (const key of Object.keys(labels)) {
    pushEach(errors, path, key, qualifiedName);
    pushEach(errors, path, labels[key] as string, labelValue);
  }
}

function validateAnnotations(errors: FieldError[], annotations: ObjectMeta["annotations"], path: string): void {
  if (annotations === undefined) return;
  let bytes = 0;
  for (const key of Object.keys(annotations)) {
    for (const message of qualifiedName(key.toLowerCase())) errors.push(invalid(path, key, message));
    bytes += byteLength(key) + byteLength(annotations[key] as string);
  }
  if (bytes > MAX_ANNOTATIONS_BYTES) {
    errors.push({
      type: "FieldValueTooLong",
      field: path,
      detail: `may not be more than ${MAX_ANNOTATIONS_BYTES} bytes`,
    });
  }
}

function validateOwners(errors: FieldError[], owners: readonly OwnerReference[] | undefined, path: string): void {
  if (owners === undefined) return;
  let firstController = "";
  owners.forEach((owner, index) => {
    validateOwner(errors, owner, `${path}[${index}]`);
    if (owner.controller !== true) return;
    const name = `${owner.kind}/${owner.name}`;
    if (firstController === "") {
      firstController = name;
      return;
    }
    const detail = `Only one reference can have Controller set to true. Found "true" in references for ${firstController} and ${name}`;
    errors.push(invalid(path, owners, detail));
  });
}

function validateOwner(errors: FieldError[], owner: OwnerReference, path: string): void {
  const apiVersion = owner.apiVersion ?? "";
  const parsed = parseApiVersion(apiVersion);
  if (apiVersion === "") errors.push(required(`${path}.apiVersion`, "must not be empty"));
  else if (parsed === undefined || parsed.version === "") {
    errors.push(invalid(`${path}.apiVersion`, apiVersion, "must be <group>/<version> or <version>"));
  }
  for (const key of ["kind", "name", "uid"] as const) {
    if ((owner[key] ?? "") === "") errors.push(required(`${path}.${key}`, "must not be empty"));
  }
  if (parsed?.group === "" && parsed.version === "v1" && owner.kind === "Event") {
    errors.push(invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner"));
  }
}

function validateFinalizers(errors: FieldError[], finalizers: readonly string[] | undefined, path: string): void {
  if (finalizers === undefined) return;
  for (const finalizer of finalizers) pushEach(errors, path, finalizer, qualifiedName);
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    errors.push(invalid(path, finalizers, "finalizer orphan and foregroundDeletion cannot be both set"));
  }
}

function noNewFinalizers(
  errors: FieldError[],
  finalizers: readonly string[],
  old: readonly string[],
  path: string,
): void {
  const known = new Set(old);
  const added = [...new Set(finalizers)].filter((finalizer) => !known.has(finalizer)).sort();
  if (added.length === 0) return;
  const list = added.map((finalizer) => JSON.stringify(finalizer)).join(", ");
  errors.push(
    forbidden(
      path,
      `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
    ),
  );
}

function validateManagedFields(
  errors: FieldError[],
  entries: readonly ManagedFieldsEntry[] | undefined,
  path: string,
): void {
  entries?.forEach((entry, index) => {
    const at = `${path}[${index}]`;
    const operation: string = entry.operation ?? "";
    if (operation === "") errors.push(required(`${at}.operation`, "must not be empty"));
    else if (operation !== "Apply" && operation !== "Update") {
      errors.push(notSupported(`${at}.operation`, operation, ["Apply", "Update"]));
    }
    const fieldsType: string = entry.fieldsType ?? "";
    if (fieldsType !== "" && fieldsType !== "FieldsV1") {
      errors.push(invalid(`${at}.fieldsType`, fieldsType, "must be `FieldsV1`"));
    }
    errors.push(...validateFieldManager(entry.manager ?? "", `${at}.manager`));
    if (byteLength(entry.subresource ?? "") > MAX_SUBRESOURCE_BYTES) {
      errors.push({
        type: "FieldValueTooLong",
        field: `${at}.subresource`,
        detail: `may not be more than ${MAX_SUBRESOURCE_BYTES} bytes`,
      });
    }
  });
}

/** What is wrong with the name of a field manager: at most 128 bytes, printable. */
export function validateFieldManager(manager: string, path = "fieldManager"): FieldError[] {
  const errors: FieldError[] = [];
  if (byteLength(manager) > MAX_MANAGER_BYTES) {
    errors.push({
      type: "FieldValueTooLong",
      field: path,
      detail: `may not be more than ${MAX_MANAGER_BYTES} bytes`,
    });
  }
  let position = 0;
  for (const character of manager) {
    if (!isPrintable(character)) {
      errors.push(invalid(path, manager, `invalid character ${unicodeName(character)} (at position ${position})`));
    }
    position += byteLength(character);
  }
  return errors;
}

/** Letters, marks, numbers, punctuation, symbols and the ASCII space. */
export function isPrintable(character: string): boolean {
  return character === " " || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character);
}

/** `U+0041 'A'`, without the character where it cannot be printed. */
function unicodeName(character: string): string {
  const code = (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0");
  return isPrintable(character) ? `U+${code} '${character}'` : `U+${code}`;
}
