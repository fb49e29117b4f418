import type { JsonObject, KubeObject } from "@holdfast/apimachinery/meta/types";
import { CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS } from "../rbac/binding-index.ts";
import { ruleJson } from "../rbac/policy-rule.ts";
import { CLUSTER_ROLES, ROLES } from "../rbac/role-cache.ts";
import { CONTROLLER_ROLES, NAMESPACE_ROLES } from "./controller-roles.ts";
import type { RoleRow } from "./role-row.ts";
import { USER_ROLES } from "./user-roles.ts";

export interface DefaultObject {
  readonly bucket: string;
  readonly object: KubeObject;
}

const API_VERSION = "rbac.authorization.k8s.io/v1";
const LABEL = "kubernetes.io/bootstrapping";
/** `"false"` on a default object keeps the server from repairing it. */
export const AUTOUPDATE = "rbac.authorization.kubernetes.io/autoupdate";

/**
 * Every default Role, ClusterRole and binding as it is stored, without uid and time of creation.
 *
 * @param now - RFC 3339
 */
export function defaultObjects(now: string): DefaultObject[] {
  return [...USER_ROLES, ...CONTROLLER_ROLES, ...NAMESPACE_ROLES].flatMap((row) => {
    const role = { bucket: row.namespace === undefined ? CLUSTER_ROLES : ROLES, object: roleObject(row, now) };
    if (row.subjects === undefined) return [role];
    return [
      role,
      { bucket: row.namespace === undefined ? CLUSTER_ROLE_BINDINGS : ROLE_BINDINGS, object: bindingObject(row, now) },
    ];
  });
}

function roleObject(row: RoleRow, now: string): KubeObject {
  const gathers = row.aggregatesLabel !== undefined;
  const own: JsonObject = gathers
    ? { "f:aggregationRule": { ".": {}, "f:clusterRoleSelectors": {} } }
    : { "f:rules": {} };
  return {
    kind: row.namespace === undefined ? "ClusterRole" : "Role",
    apiVersion: API_VERSION,
    metadata: metadataOf(row, row.name, own, now),
    // Gathered rules are not the table's business: a controller fills them in.
    rules: gathers ? null : row.rules.map(ruleJson),
    ...(gathers
      ? { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [row.aggregatesLabel]: "true" } }] } }
      : {}),
  };
}

function bindingObject(row: RoleRow, now: string): KubeObject {
  const subjects = row.subjects ?? [];
  const own: JsonObject = { "f:roleRef": {}, ...(subjects.length === 0 ? {} : { "f:subjects": {} }) };
  const { labels: _roleLabels, ...bare } = row;
  return {
    kind: row.namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
    apiVersion: API_VERSION,
    metadata: metadataOf(bare, row.binding ?? row.name, own, now),
    ...(subjects.length === 0 ? {} : { subjects: subjects.map((s) => ({ ...s })) }),
    roleRef: {
      apiGroup: "rbac.authorization.k8s.io",
      kind: row.namespace === undefined ? "ClusterRole" : "Role",
      name: row.name,
    },
  };
}

function metadataOf(row: RoleRow, name: string, own: JsonObject, now: string): KubeObject["metadata"] {
  const labels = { [LABEL]: "rbac-defaults", ...row.labels };
  const fieldsOfLabels: JsonObject = { ".": {} };
  for (const key of Object.keys(labels)) fieldsOfLabels[`f:${key}`] = {};
  return {
    name,
    ...(row.namespace === undefined ? {} : { namespace: row.namespace }),
    labels,
    annotations: { [AUTOUPDATE]: "true" },
    managedFields: [
      {
        manager: "kube-apiserver",
        operation: "Update",
        apiVersion: API_VERSION,
        time: now,
        fieldsType: "FieldsV1",
        fieldsV1: {
          "f:metadata": { "f:annotations": { ".": {}, [`f:${AUTOUPDATE}`]: {} }, "f:labels": fieldsOfLabels },
          ...own,
        },
      },
    ],
  };
}
