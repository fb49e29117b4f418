import { normalizeBuiltin } from "@holdfast/apimachinery/builtin/kinds/decode-builtin";
import type { KindBehaviour } from "@holdfast/apimachinery/builtin/kinds/kind-behaviour";
import { checkSchemaRules } from "@holdfast/apimachinery/cel/check-schema-rules";
import { compileSchemaRules } from "@holdfast/apimachinery/cel/schema-rules";
import type { FieldError } from "@holdfast/apimachinery/meta/field-error";
import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import type { Json, KubeObject } from "@holdfast/apimachinery/meta/types";
import {
  defaultCustomResourceDefinition,
  validateCustomResourceDefinition,
  validateCustomResourceDefinitionUpdate,
} from "@holdfast/apimachinery/schema/crd-validation";
import type { JsonSchema } from "@holdfast/apimachinery/schema/json-schema";
import { dns1123Subdomain } from "@holdfast/apimachinery/schema/name-rules";
import type { CustomResourceDefinition } from "./definition.ts";
import { terminateDefinition } from "./definition-controller.ts";

const RULES = {
  checkRules: checkSchemaRules,
  checkDefault: (schema: JsonSchema, value: Json, path: string): FieldError[] =>
    (compileSchemaRules(schema)?.validate(value, undefined) ?? []).map((error) => ({
      ...error,
      field: joined(path, error.field),
    })),
};

function joined(path: string, field: string): string {
  if (field === "") return path;
  return field.startsWith("[") ? `${path}${field}` : `${path}.${field}`;
}

/** How CustomResourceDefinitions behave as objects; what they define is the definition controller's work. */
export const definitionBehaviour: KindBehaviour = {
  generation: true,
  unconditionalUpdate: false,
  nameProblems: dns1123Subdomain,
  deleteReturnsObject: true,
  defaults: defaultCustomResourceDefinition,
  prepareForCreate(object) {
    const crd = object as CustomResourceDefinition;
    const storage = (crd.spec?.versions ?? []).find((v) => v.storage);
    crd.status = {
      conditions: null,
      acceptedNames: { plural: "", kind: "" },
      storedVersions: storage === undefined ? [] : [storage.name],
    };
  },
  prepareForUpdate(next, old) {
    const crd = next as CustomResourceDefinition;
    const storage = (crd.spec?.versions ?? []).find((v) => v.storage)?.name;
    const stored = crd.status?.storedVersions ?? [];
    if (storage !== undefined && !stored.includes(storage) && !jsonEqual(next["spec"], old["spec"])) {
      crd.status = { ...crd.status, storedVersions: [...stored, storage] };
    }
  },
  validate: (object) => validateCustomResourceDefinition(object, RULES),
  validateUpdate: (next, old) => validateCustomResourceDefinitionUpdate(next, old, RULES),
  prepareForDelete: terminateDefinition,
};

export function normalizeDefinition(object: KubeObject, unknown?: string[]): void {
  normalizeBuiltin(object, "apiextensions/v1.CustomResourceDefinition", unknown);
}
