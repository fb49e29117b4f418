import assert from "node:assert/strict";
import { test } from "node:test";
import { HoldfastError } from "@holdfast/base/errors/holdfast-error";
import { type FieldError, fieldErrorText, invalid } from "../meta/field-error.ts";
import type { KubeObject } from "../meta/types.ts";
import type { CrdSpec, CrdVersion, CustomResourceDefinition } from "./crd/crd-types.ts";
import {
  defaultCustomResourceDefinition,
  validateCustomResourceDefinition,
  validateCustomResourceDefinitionUpdate,
} from "./crd-validation.ts";
import type { JsonSchema } from "./json-schema.ts";

const SCHEMA: JsonSchema = {
  type: "object",
  properties: { spec: { type: "object", properties: { a: { type: "string" }, o: { type: "object" } } } },
};

function version(change: Partial<CrdVersion> = {}): CrdVersion {
  return { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: structuredClone(SCHEMA) }, ...change };
}

function definition(change: Partial<CrdSpec> = {}, name = "tools.shed.example.io"): CustomResourceDefinition {
  const crd: CustomResourceDefinition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name },
    spec: {
      group: "shed.example.io",
      scope: "Namespaced",
      names: { plural: "tools", kind: "Tool" },
      versions: [version()],
      ...change,
    },
  };
  defaultCustomResourceDefinition(crd);
  return crd;
}

function texts(errors: readonly FieldError[]): string[] {
  return errors.map(fieldErrorText);
}

function complaints(change: Partial<CrdSpec>, name?: string): string[] {
  return texts(validateCustomResourceDefinition(definition(change, name)));
}

const DNS1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

test("defaultCustomResourceDefinition() fills in names, conversion, ports and the stored version", () => {
  const service = { name: "n", namespace: "ns" };
  const crd = definition({ conversion: { strategy: "Webhook", webhook: { clientConfig: { service } } } });
  assert.deepEqual(crd.spec?.names, { plural: "tools", kind: "Tool", singular: "tool", listKind: "ToolList" });
  assert.deepEqual(crd.status, { storedVersions: ["v1"] });
  assert.equal(crd.spec?.conversion?.webhook?.clientConfig?.service?.port, 443);
  assert.deepEqual(definition().spec?.conversion, { strategy: "None" });
});

test("defaultCustomResourceDefinition() drops `default: null`", () => {
  const schema: JsonSchema = { type: "object", properties: { a: { type: "string", default: null } } };
  const crd = definition({ versions: [version({ schema: { openAPIV3Schema: schema } })] });
  assert.deepEqual(crd.spec?.versions?.[0]?.schema?.openAPIV3Schema, {
    type: "object",
    properties: { a: { type: "string" } },
  });
});

test("a complete definition is accepted", () => {
  assert.deepEqual(complaints({}), []);
});

test("a definition without a spec misses everything", () => {
  const crd: KubeObject = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "x.y.z" },
  };
  defaultCustomResourceDefinition(crd);
  assert.deepEqual(texts(validateCustomResourceDefinition(crd)), [
    'metadata.name: Invalid value: "x.y.z": must be spec.names.plural+"."+spec.group',
    "spec.group: Required value",
    "spec.scope: Required value",
    "spec.versions: Invalid value: null: must have exactly one version marked as storage version",
    "spec.names.plural: Required value",
    "spec.names.singular: Required value",
    "spec.names.kind: Required value",
    "spec.names.listKind: Required value",
    "status.storedVersions: Invalid value: null: must have at least one stored version",
  ]);
});

test("names follow their rules", () => {
  const names = {
    plural: "tools",
    kind: "My_Tool",
    listKind: "My_Tool",
    singular: "Tool",
    shortNames: ["t_l"],
    categories: ["x y"],
  };
  assert.deepEqual(complaints({ names }), [
    `spec.names.singular: Invalid value: "Tool": ${DNS1035}`,
    `spec.names.kind: Invalid value: "My_Tool": may have mixed case, but should otherwise match: ${DNS1035}`,
    `spec.names.listKind: Invalid value: "My_Tool": may have mixed case, but should otherwise match: ${DNS1035}`,
    `spec.names.shortNames[0]: Invalid value: "t_l": ${DNS1035}`,
    'spec.names.listKind: Invalid value: "My_Tool": kind and listKind may not be the same',
    `spec.names.categories[0]: Invalid value: "x y": ${DNS1035}`,
  ]);
});

test("group, scope and version names follow theirs", () => {
  assert.deepEqual(complaints({ group: "shed" }, "tools.shed"), [
    'spec.group: Invalid value: "shed": should be a domain with at least one dot',
  ]);
  assert.deepEqual(complaints({ scope: "Everywhere" }), [
    'spec.scope: Unsupported value: "Everywhere": supported values: "Cluster", "Namespaced"',
  ]);
  assert.deepEqual(complaints({ versions: [version({ name: "V1.0" })] }), [
    `spec.versions[0].name: Invalid value: "V1.0": ${DNS1035}`,
    `spec.version: Invalid value: "V1.0": ${DNS1035}`,
  ]);
});

test("exactly one version is stored, and versions have different names", () => {
  const shown = (name: string, storage: boolean): string =>
    `{"Name":"${name}","Served":true,"Storage":${storage},"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}`;
  assert.deepEqual(complaints({ versions: [version(), version({ name: "v2" })] }), [
    `spec.versions: Invalid value: [${shown("v1", true)},${shown("v2", true)}]: must have exactly one version marked as storage version`,
    'status.storedVersions: Invalid value: ["v1"]: must have the storage version v2',
  ]);
  assert.deepEqual(complaints({ versions: [version(), version({ storage: false })] }), [
    `spec.versions: Invalid value: [${shown("v1", true)},${shown("v1", false)}]: must contain unique version names`,
  ]);
});

test("paths name the version when versions differ, and the whole when they agree", () => {
  const bad: JsonSchema = { type: "object", properties: { spec: { type: "object", uniqueItems: true } } };
  const why = "Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
  assert.deepEqual(complaints({ versions: [version({ schema: { openAPIV3Schema: bad } })] }), [
    `spec.validation.openAPIV3Schema.properties[spec].uniqueItems: ${why}`,
  ]);
  const versions = [version(), version({ name: "v2", storage: false, schema: { openAPIV3Schema: bad } })];
  assert.deepEqual(complaints({ versions }), [
    `spec.versions[1].schema.openAPIV3Schema.properties[spec].uniqueItems: ${why}`,
  ]);
});

test("every version needs a schema", () => {
  const { schema: _schema, ...bare } = version();
  assert.deepEqual(complaints({ versions: [bare] }), ["spec.versions[0].schema.openAPIV3Schema: Required value"]);
  assert.deepEqual(complaints({ versions: [version({ schema: {} })] }), [
    "spec.versions[0].schema.openAPIV3Schema: Required value",
  ]);
});

test("groups of the Kubernetes project need approval", () => {
  const protect = (annotation?: string): string[] => {
    const crd = definition({ group: "shed.k8s.io" }, "tools.shed.k8s.io");
    if (annotation !== undefined) crd.metadata.annotations = { "api-approved.kubernetes.io": annotation };
    return texts(validateCustomResourceDefinition(crd));
  };
  const path = "metadata.annotations[api-approved.kubernetes.io]";
  const must = 'protected groups must have approval annotation "api-approved.kubernetes.io"';
  const see = "see https://github.com/kubernetes/enhancements/pull/1111";
  assert.deepEqual(protect(), [`${path}: Required value: ${must}, ${see}`]);
  assert.deepEqual(protect("yes"), [
    `${path}: Invalid value: "yes": ${must} with either a URL or a reason starting with "unapproved", ${see}`,
  ]);
  assert.deepEqual(protect("https://github.com/kubernetes/kubernetes/pull/78458"), []);
  assert.deepEqual(protect("unapproved, experimental"), []);
});

test("columns, subresources and selectable fields are checked", () => {
  const change: Partial<CrdVersion> = {
    additionalPrinterColumns: [{ name: "", type: "text", format: "zip", jsonPath: "a" }],
    subresources: { scale: { specReplicasPath: ".status.replicas", labelSelectorPath: "x" } },
    selectableFields: [
      { jsonPath: ".spec.a" },
      { jsonPath: ".spec.a" },
      { jsonPath: ".spec.o" },
      { jsonPath: ".spec.zz" },
      { jsonPath: "spec" },
      { jsonPath: ".spec['a']" },
      { jsonPath: "." },
      {},
    ],
  };
  const allowed =
    "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.";
  assert.deepEqual(complaints({ versions: [version(change)] }), [
    'spec.subresources.scale.specReplicasPath: Invalid value: ".status.replicas": should be a json path under .spec',
    "spec.subresources.scale.statusReplicasPath: Required value",
    'spec.subresources.scale.labelSelectorPath: Invalid value: "x": must be a simple json path starting with .',
    "spec.additionalPrinterColumns[0].name: Required value",
    'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
    'spec.additionalPrinterColumns[0].format: Invalid value: "zip": must be one of byte,date,date-time,double,float,int32,int64,password',
    'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "a": must be a simple json path starting with .',
    'spec.selectableFields[1].jsonPath: Duplicate value: ".spec.a"',
    `spec.selectableFields[2].jsonPath: Invalid value: ".spec.o": ${allowed}`,
    'spec.selectableFields[3].jsonPath: Invalid value: ".spec.zz": is an invalid path: does not refer to a valid field',
    'spec.selectableFields[4].jsonPath: Invalid value: "spec": is an invalid path: expected [ or . but got: spec',
    `spec.selectableFields[5].jsonPath: Invalid value: ".spec['a']": is an invalid path: array notation is not allowed`,
    'spec.selectableFields[6].jsonPath: Invalid value: ".": is an invalid path: unexpected end of JSON path',
    "spec.selectableFields[7].jsonPath: Required value",
  ]);
});

test("at most eight fields are selectable", () => {
  const names = [..."abcdefghi"];
  const properties = Object.fromEntries(names.map((name): [string, JsonSchema] => [name, { type: "string" }]));
  const change = {
    schema: { openAPIV3Schema: { type: "object", properties } },
    selectableFields: names.map((name) => ({ jsonPath: `.${name}` })),
  };
  assert.deepEqual(complaints({ versions: [version(change)] }), [
    "spec.selectableFields: Too many: 9: must have at most 8 items",
  ]);
});

test("a conversion webhook is needed for the strategy Webhook, and only for it", () => {
  const none = "should not be set when strategy is not set to Webhook";
  const webhook = { clientConfig: { url: "https://x" }, conversionReviewVersions: ["v1"] };
  assert.deepEqual(complaints({ conversion: { strategy: "Webhook" } }), [
    "spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook",
    "spec.conversion.conversionReviewVersions: Required value",
  ]);
  assert.deepEqual(complaints({ conversion: { strategy: "None", webhook } }), [
    `spec.conversion.webhookClientConfig: Forbidden: ${none}`,
    `spec.conversion.conversionReviewVersions: Forbidden: ${none}`,
  ]);
  assert.deepEqual(complaints({ conversion: { strategy: "Magic" } }), [
    'spec.conversion.strategy: Unsupported value: "Magic": supported values: "None", "Webhook"',
  ]);
  assert.deepEqual(
    complaints({
      conversion: { strategy: "Webhook", webhook: { ...webhook, clientConfig: { url: "http://u@h?q#f" } } },
    }),
    [
      "spec.conversion.webhookClientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]",
      'spec.conversion.webhookClientConfig.url: Invalid value: "u": user information is not permitted in the URL',
      'spec.conversion.webhookClientConfig.url: Invalid value: "f": fragments are not permitted in the URL',
      'spec.conversion.webhookClientConfig.url: Invalid value: "q": query parameters are not permitted in the URL',
    ],
  );
});

test("a deprecation warning is short, printable, and belongs to a deprecated version", () => {
  const warn = (deprecated: boolean, deprecationWarning: string): string[] =>
    complaints({ versions: [version({ deprecated, deprecationWarning })] });
  assert.deepEqual(warn(false, "old"), [
    'spec.versions[0].deprecationWarning: Invalid value: "old": can only be set for deprecated versions',
  ]);
  assert.deepEqual(warn(true, ""), [
    'spec.versions[0].deprecationWarning: Invalid value: "": must not be an empty string',
  ]);
  assert.equal(warn(true, "x".repeat(257)).length, 1);
  assert.deepEqual(warn(true, "ok"), []);
});

test("rules are handed over once, and only for a schema without complaints", () => {
  const seen: string[] = [];
  const checkRules = (_schema: JsonSchema, path: string): FieldError[] => {
    seen.push(path);
    return [invalid(`${path}.x`, "rule", "wrong")];
  };
  assert.deepEqual(texts(validateCustomResourceDefinition(definition(), { checkRules })), [
    'spec.validation.openAPIV3Schema.x: Invalid value: "rule": wrong',
  ]);
  const broken = definition({ versions: [version({ schema: { openAPIV3Schema: { type: "string" } } })] });
  validateCustomResourceDefinition(broken, { checkRules });
  assert.deepEqual(seen, ["spec.validation.openAPIV3Schema"]);
});

test("defaults are handed over with the path of the default", () => {
  const schema: JsonSchema = { type: "object", properties: { a: { type: "integer", default: 3 } } };
  const crd = definition({ versions: [version({ schema: { openAPIV3Schema: schema } })] });
  const seen: unknown[] = [];
  const checkDefault = (_schema: JsonSchema, value: unknown, path: string): FieldError[] => {
    seen.push([value, path]);
    return [];
  };
  assert.deepEqual(validateCustomResourceDefinition(crd, { checkDefault }), []);
  assert.deepEqual(seen, [[3, "spec.validation.openAPIV3Schema.properties[a].default"]]);
});

function stored(change: Partial<CrdSpec> = {}, established = true): CustomResourceDefinition {
  const crd = definition(change);
  crd.metadata = { ...crd.metadata, resourceVersion: "7", generation: 1 };
  crd.status = { ...crd.status, conditions: [{ type: "Established", status: established ? "True" : "False" }] };
  return crd;
}

test("group and plural never change; scope and kind do until the definition is established", () => {
  const names = { plural: "others", kind: "Other" };
  const next = stored({ group: "x.example.io", scope: "Cluster", names });
  assert.deepEqual(texts(validateCustomResourceDefinitionUpdate(next, stored())), [
    'spec.scope: Invalid value: "Cluster": field is immutable',
    'spec.names.kind: Invalid value: "Other": field is immutable',
    'spec.group: Invalid value: "x.example.io": field is immutable',
    'spec.names.plural: Invalid value: "others": field is immutable',
  ]);
  const early = stored({ scope: "Cluster", names: { plural: "tools", kind: "Other" } }, false);
  assert.deepEqual(validateCustomResourceDefinitionUpdate(early, stored({}, false)), []);
});

test("a version in which objects are stored stays in the definition", () => {
  const next = stored({ versions: [version({ name: "v2" })] });
  next.status = { storedVersions: ["v1", "v2"] };
  assert.deepEqual(texts(validateCustomResourceDefinitionUpdate(next, stored())), [
    'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
  ]);
});

test("an established definition needs a CA bundle that can be read", () => {
  const conversion = (caBundle: string): Partial<CrdSpec> => ({
    conversion: {
      strategy: "Webhook",
      webhook: { clientConfig: { url: "https://x", caBundle }, conversionReviewVersions: ["v1"] },
    },
  });
  assert.deepEqual(texts(validateCustomResourceDefinitionUpdate(stored(conversion("bm8=")), stored())), [
    'spec.conversion.webhookClientConfig.caBundle: Invalid value: "bm8=": unable to load root certificates: unable to parse bytes as PEM block',
  ]);
  assert.deepEqual(complaints(conversion("bm8=")), []);
});

test("a schema nested beyond a thousand levels is refused with a catalogued error", () => {
  let deep: JsonSchema = { type: "string" };
  for (let i = 0; i < 5_000; i++) deep = { type: "object", properties: { a: deep } };
  const versions = [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: deep } }];
  assert.throws(
    () => definition({ versions }),
    (error: unknown) => error instanceof HoldfastError && error.code === "SCHEMA_VALUE_TOO_DEEP",
  );
});
