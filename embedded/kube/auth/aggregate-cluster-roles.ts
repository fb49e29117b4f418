// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles

import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import type { KubeObject, ManagedFieldsEntry } from "@holdfast/apimachinery/meta/types";
import {
  fromLabelSelectorObject,
  type LabelSelector,
  type LabelSelectorObject,
} from "@holdfast/apimachinery/selectors/label-selector";
import { WorkQueue } from "@holdfast/runtime/kube/work-queue";
import type { Logger } from "@holdfast/runtime/log/logger";
import { type KubeContext, timestamp } from "../operations/kube-context.ts";
import { rewriteStored } from "../store/rewrite.ts";
import { isRecord, type PolicyRule, ruleJson, rulesOf } from "./rbac/policy-rule.ts";
import { CLUSTER_ROLES } from "./rbac/role-cache.ts";

const MANAGER = "clusterrole-aggregation-controller";

/**
 * Keeps the rules of every ClusterRole that has an aggregationRule the union of the rules of the roles it selects, in order of
 * their names, without repetitions.
 *
 * @returns a function that stops it
 */
export function startRoleAggregation(kube: KubeContext, log: Logger): () => Promise<void> {
  const queue = new WorkQueue(() => aggregateClusterRoles(kube), { name: "role-aggregation", log });
  const pass = () => queue.add("all");
  const unsubscribe = kube.store.subscribe(CLUSTER_ROLES, pass);
  pass();
  return () => {
    unsubscribe();
    return queue.stop();
  };
}

/** One pass: writes what differs. A role that gathers from gathering roles is right after as many passes as it is deep. */
export async function aggregateClusterRoles(kube: KubeContext): Promise<undefined> {
  const roles = [...kube.store.bucket(CLUSTER_ROLES).range("")].map(([, stored]) => stored.object);
  const writes: Promise<unknown>[] = [];
  for (const role of roles) {
    const selectors = selectorsOf(role);
    if (selectors === undefined) continue;
    const rules = union(roles, role, selectors);
    if (jsonEqual(role["rules"] ?? [], rules)) continue;
    const name = role.metadata.name as string;
    const now = timestamp(kube.now());
    writes.push(
      rewriteStored(kube.store, CLUSTER_ROLES, name, (live) =>
        selectorsOf(live) === undefined ? undefined : withRules(live, rules, now),
      ),
    );
  }
  await Promise.all(writes);
  return undefined;
}

/** Undefined for a role that gathers nothing; selectors that cannot be read select nothing. */
function selectorsOf(role: KubeObject): LabelSelector[] | undefined {
  const rule = role["aggregationRule"];
  if (!isRecord(rule) || !Array.isArray(rule["clusterRoleSelectors"]) || role.metadata.deletionTimestamp !== undefined)
    return undefined;
  return (rule["clusterRoleSelectors"] as LabelSelectorObject[]).flatMap((selector) => {
    try {
      return [fromLabelSelectorObject(selector)];
    } catch {
      // Validation keeps such selectors out; one that got in must not keep the others from working.
      return [];
    }
  });
}

function union(
  roles: readonly KubeObject[],
  into: KubeObject,
  selectors: readonly LabelSelector[],
): Record<string, string[]>[] {
  const out = new Map<string, PolicyRule>();
  for (const selector of selectors) {
    for (const role of roles) {
      if (role === into || !selector.matches(role.metadata.labels ?? {})) continue;
      for (const rule of rulesOf(role)) {
        const key = JSON.stringify(ruleJson(rule));
        if (!out.has(key)) out.set(key, rule);
      }
    }
  }
  return [...out.values()].map(ruleJson);
}

function withRules(live: KubeObject, rules: unknown[], now: string): KubeObject {
  const entry: ManagedFieldsEntry = {
    manager: MANAGER,
    operation: "Apply",
    apiVersion: "rbac.authorization.k8s.io/v1",
    time: now,
    fieldsType: "FieldsV1",
    fieldsV1: { "f:rules": {} },
  };
  const others = (live.metadata.managedFields ?? []).filter((m) => m.manager !== MANAGER);
  return { ...live, rules, metadata: { ...live.metadata, managedFields: [entry, ...others] } };
}
