// Expressions about requests: matchConditions of webhooks and ValidatingAdmissionPolicy.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions

import { compileProgram, type Program } from "./environment.ts";
import { BOOL, type CelType, DYN, LIST_OF_STRING, listOf, mapOf, objectType, STRING } from "./language/cel-types.ts";
import {
  CelError,
  CelList,
  CelMap,
  Duration,
  Opaque,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
} from "./language/cel-values.ts";
import { CostLimitExceeded } from "./language/evaluation.ts";
import { showDuration, showTimestamp } from "./language/time-values.ts";
import { type AskedUser, AUTHORIZER, type Authorize, Check, RESOURCE_CHECK } from "./libraries/authorizer-library.ts";
import { toDynamicValue } from "./schema/dynamic-values.ts";

/** What an expression is evaluated on. Objects are JSON. */
export interface AdmissionBindings {
  /** null when something is deleted. */
  readonly object: unknown;
  /** null when something is created. */
  readonly oldObject: unknown;
  /** The `request` of an AdmissionReview. */
  readonly request: unknown;
  /** Who made the request; questions to `authorize` without a user are about them. */
  readonly user?: AskedUser;
  readonly authorize?: Authorize;
  readonly params?: unknown;
  readonly namespaceObject?: unknown;
  /** Values of `variables.name`, as `evaluate` gave them or as JSON. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

export interface AdmissionProgram {
  /** The type of the result, as expressions name it: `bool`, `string`, `dyn`. */
  readonly resultType: string;
  /** The value in JSON; or the text of the error. */
  evaluate(bindings: AdmissionBindings): { readonly value: unknown } | { readonly error: string };
}

export interface AdmissionOptions {
  /** Names that may stand behind `variables.`; any name if not given. */
  readonly variables?: readonly string[];
}

/** Compiles an expression; `error` has the text that follows `compilation failed: `. */
export function compileAdmissionExpression(
  text: string,
  options: AdmissionOptions = {},
): { readonly program: AdmissionProgram } | { readonly error: string } {
  const compiled = compileProgram(text, admissionVariables(options));
  if ("error" in compiled) return compiled;
  const { program } = compiled;
  return { program: { resultType: program.expr.type.name, evaluate: (bindings) => evaluate(program, bindings) } };
}

function fields(types: Readonly<Record<string, CelType>>): ReadonlyMap<string, CelType> {
  return new Map(Object.entries(types));
}

const KIND = objectType("kubernetes.GroupVersionKind", fields({ group: STRING, version: STRING, kind: STRING }));
const RESOURCE = objectType(
  "kubernetes.GroupVersionResource",
  fields({ group: STRING, version: STRING, resource: STRING }),
);
const USER_INFO = objectType(
  "kubernetes.UserInfo",
  fields({ username: STRING, uid: STRING, groups: LIST_OF_STRING, extra: mapOf(STRING, LIST_OF_STRING) }),
);
const REQUEST = objectType(
  "kubernetes.AdmissionRequest",
  fields({
    kind: KIND,
    resource: RESOURCE,
    subResource: STRING,
    requestKind: KIND,
    requestResource: RESOURCE,
    requestSubResource: STRING,
    name: STRING,
    __namespace__: STRING,
    operation: STRING,
    userInfo: USER_INFO,
    dryRun: BOOL,
    options: DYN,
  }),
);
const NAMESPACE_METADATA = objectType(
  "kubernetes.NamespaceMetadata",
  fields({
    name: STRING,
    generateName: STRING,
    __namespace__: STRING,
    labels: mapOf(STRING, STRING),
    annotations: mapOf(STRING, STRING),
    UID: STRING,
    creationTimestamp: DYN,
    deletionGracePeriodSeconds: DYN,
    deletionTimestamp: DYN,
    generation: DYN,
    resourceVersion: STRING,
    finalizers: LIST_OF_STRING,
  }),
);
const NAMESPACE = objectType(
  "kubernetes.Namespace",
  fields({
    metadata: NAMESPACE_METADATA,
    spec: objectType("kubernetes.NamespaceSpec", fields({ finalizers: LIST_OF_STRING })),
    status: objectType("kubernetes.NamespaceStatus", fields({ phase: STRING, conditions: listOf(DYN) })),
  }),
);

function admissionVariables({ variables }: AdmissionOptions): ReadonlyMap<string, CelType> {
  const known =
    variables === undefined
      ? DYN
      : objectType("kubernetes.variables", new Map(variables.map((name) => [name, DYN] as const)));
  return new Map([
    ["object", DYN],
    ["oldObject", DYN],
    ["request", REQUEST],
    ["authorizer", AUTHORIZER],
    ["authorizer.requestResource", RESOURCE_CHECK],
    ["params", DYN],
    ["namespaceObject", NAMESPACE],
    ["variables", known],
  ]);
}

function evaluate(program: Program, bindings: AdmissionBindings): { value: unknown } | { error: string } {
  try {
    const { value } = program.run([
      toDynamicValue(bindings.object),
      toDynamicValue(bindings.oldObject),
      toDynamicValue(bindings.request),
      authorizer(bindings),
      requestResource(bindings),
      toDynamicValue(bindings.params),
      toDynamicValue(bindings.namespaceObject),
      toDynamicValue(bindings.variables ?? {}),
    ]);
    return value instanceof CelError ? { error: value.message } : { value: toJson(value, 0) };
  } catch (problem) {
    if (problem instanceof CostLimitExceeded) return { error: problem.message };
    throw problem;
  }
}

const NO_ANSWER: Authorize = () => ({ allowed: false, reason: "" });

function authorizer({ authorize = NO_ANSWER }: AdmissionBindings): Check {
  return new Check(AUTHORIZER, authorize);
}

/** A check of the resource that is asked for, by the names in the request. */
function requestResource({ authorize = NO_ANSWER, request }: AdmissionBindings): Check {
  const asked = (typeof request === "object" && request !== null ? request : {}) as {
    readonly resource?: { readonly group?: string; readonly version?: string; readonly resource?: string };
    readonly subResource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  return new Check(RESOURCE_CHECK, authorize, {
    group: asked.resource?.group ?? "",
    version: asked.resource?.version ?? "",
    resource: asked.resource?.resource ?? "",
    subresource: asked.subResource ?? "",
    namespace: asked.namespace ?? "",
    name: asked.name ?? "",
  });
}

const MAX_DEPTH = 200;
const MAX_ITEMS = 1_000_000;

/** A result as JSON; what JSON has no form for becomes text or null. */
function toJson(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) return null;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint) return Number(value.value);
  if (value instanceof CelList) {
    const items: unknown[] = [];
    for (let i = 0; i < Math.min(value.size, MAX_ITEMS); i++) items.push(toJson(value.at(i), depth + 1));
    return items;
  }
  if (value instanceof CelMap) {
    return Object.fromEntries(
      value.keys().map((key) => [String(toJson(key, depth)), toJson(value.get(key), depth + 1)]),
    );
  }
  if (value instanceof Timestamp) return showTimestamp(value);
  if (value instanceof Duration) return showDuration(value);
  if (value instanceof TypeValue) return value.type.name;
  if (value instanceof Optional) return value.hasValue ? toJson(value.value, depth + 1) : null;
  if (value instanceof Uint8Array) return btoa(String.fromCharCode(...value));
  return value instanceof Opaque ? (value.text() ?? null) : value;
}
