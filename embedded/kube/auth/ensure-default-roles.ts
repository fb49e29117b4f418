import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { createInternal } from "../controllers/create-internal.ts";
import { type KubeContext, timestamp } from "../operations/kube-context.ts";
import { storeKey } from "../resources/resource-type.ts";
import { rewriteStored } from "../store/rewrite.ts";
import { AUTOUPDATE, type DefaultObject, defaultObjects } from "./defaults/default-objects.ts";
import { isRecord, ruleJson, rulesOf } from "./rbac/policy-rule.ts";
import { uncovered } from "./rbac/rule-coverage.ts";

/**
 * Writes the default roles and bindings that are missing, and gives those that are there back what was taken from them (rules,
 * subjects, labels), unless their annotation `rbac.authorization.kubernetes.io/autoupdate` is `"false"`. What was added stays.
 *
 * All writes go to the store at once, so that they share one flush of the log.
 */
export async function ensureDefaultRoles(kube: KubeContext): Promise<void> {
  await Promise.all(defaultObjects(timestamp(kube.now())).map((wanted) => ensure(kube, wanted)));
}

async function ensure(kube: KubeContext, { bucket, object }: DefaultObject): Promise<void> {
  const key = storeKey(object.metadata.namespace ?? "", object.metadata.name as string);
  const stored = kube.store.latest(bucket, key);
  if (stored === undefined) {
    await createInternal(kube, bucket, object);
    return;
  }
  if (repaired(stored.object, object) === undefined) return;
  await rewriteStored(kube.store, bucket, key, (live) => repaired(live, object));
}

/** The live object with what it lacks of the wanted one; undefined when it lacks nothing or wants no repair. */
function repaired(live: KubeObject, wanted: KubeObject): KubeObject | undefined {
  if (live.metadata.annotations?.[AUTOUPDATE] === "false" || live.metadata.deletionTimestamp !== undefined)
    return undefined;
  const next: KubeObject = { ...live, metadata: { ...live.metadata } };
  let changed = false;
  for (const key of ["labels", "annotations"] as const) {
    const missing = Object.entries(wanted.metadata[key] ?? {}).filter(
      ([name, value]) => live.metadata[key]?.[name] !== value,
    );
    if (missing.length === 0) continue;
    next.metadata[key] = { ...live.metadata[key], ...Object.fromEntries(missing) };
    changed = true;
  }
  const rules = uncovered(rulesOf(live), rulesOf(wanted));
  if (rules.length > 0) {
    next["rules"] = [...(Array.isArray(live["rules"]) ? live["rules"] : []), ...rules.map(ruleJson)];
    changed = true;
  }
  const subjects = missingSubjects(live, wanted);
  if (subjects.length > 0) {
    next["subjects"] = [...(Array.isArray(live["subjects"]) ? live["subjects"] : []), ...subjects];
    changed = true;
  }
  return changed ? next : undefined;
}

function missingSubjects(live: KubeObject, wanted: KubeObject): unknown[] {
  const keyOf = (subject: unknown) =>
    isRecord(subject) ? JSON.stringify([subject["kind"], subject["name"], subject["namespace"] ?? ""]) : "";
  const list = (object: KubeObject): unknown[] => (Array.isArray(object["subjects"]) ? object["subjects"] : []);
  const there = new Set(list(live).map(keyOf));
  return list(wanted).filter((subject) => !there.has(keyOf(subject)));
}
