import { type FieldError, forbidden, invalid, notSupported, required } from "../../../meta/field-error.ts";
import { jsonEqual } from "../../../meta/json-equal.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { dns1123Label } from "../../../schema/name-rules.ts";
import { child, count, type Fields, has, items, setDefault, setDefaultText, text } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { defaultPodTemplate } from "../pods/pod-defaults.ts";
import { each, noneNegative, notNegative } from "../rules/scalar-rules.ts";
import { noDeadline, runningTemplateRule, selectorMatchesTemplate, workloadSelectorRule } from "./template-rules.ts";

const MUTABLE = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
];
const ONLY_THESE =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/** StatefulSets. */
export const statefulSetBehaviour: KindBehaviour = {
  generation: true,
  nameProblems: dns1123Label,
  defaults: defaultStatefulSet,
  validate: statefulSetProblems,
  validateUpdate: (next, old) => [...statefulSetProblems(next), ...changeProblems(next, old)],
  validateStatusUpdate: statusProblems,
};

function defaultStatefulSet(object: KubeObject): void {
  const spec = child(object, "spec");
  defaultPodTemplate(spec);
  setDefaultText(spec, "podManagementPolicy", "OrderedReady");
  const strategy = child(spec, "updateStrategy");
  setDefaultText(strategy, "type", "RollingUpdate");
  if (text(strategy, "type") === "RollingUpdate") {
    setDefault(strategy, "rollingUpdate", {});
    setDefault(child(strategy, "rollingUpdate"), "partition", 0);
  }
  setDefault(spec, "persistentVolumeClaimRetentionPolicy", {});
  const retention = child(spec, "persistentVolumeClaimRetentionPolicy");
  setDefaultText(retention, "whenDeleted", "Retain");
  setDefaultText(retention, "whenScaled", "Retain");
  setDefault(spec, "replicas", 1);
  setDefault(spec, "revisionHistoryLimit", 10);
  for (const claim of items(spec, "volumeClaimTemplates")) {
    setDefaultText(claim, "apiVersion", "v1");
    setDefaultText(claim, "kind", "PersistentVolumeClaim");
    setDefault(child(claim, "spec"), "volumeMode", "Filesystem");
    setDefaultText(child(claim, "status"), "phase", "Pending");
  }
}

function statefulSetProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  const policy = text(spec, "podManagementPolicy");
  if (policy === "") errors.push(required("spec.podManagementPolicy"));
  else if (policy !== "OrderedReady" && policy !== "Parallel") {
    errors.push(invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'"));
  }
  updateStrategyRule(errors, child(spec, "updateStrategy"));
  const retention = child(spec, "persistentVolumeClaimRetentionPolicy");
  for (const name of ["whenDeleted", "whenScaled"]) {
    const value = text(retention, name);
    if (value !== "Retain" && value !== "Delete") {
      const path = `spec.persistentVolumeClaimRetentionPolicy.${name}`;
      errors.push(notSupported(path, value, ["Retain", "Delete"]));
    }
  }
  notNegative(errors, spec["replicas"], "spec.replicas");
  notNegative(errors, spec["minReadySeconds"], "spec.minReadySeconds");
  notNegative(errors, child(spec, "ordinals")["start"], "spec.ordinals.start");
  workloadSelectorRule(errors, spec, "statefulset");
  selectorMatchesTemplate(errors, spec);
  runningTemplateRule(errors, spec);
  noDeadline(errors, spec, "StatefulSet");
  const serviceName = text(spec, "serviceName");
  if (serviceName !== "") each(errors, "spec.serviceName", serviceName, dns1123Label);
  return errors;
}

function updateStrategyRule(errors: FieldError[], strategy: Fields): void {
  const path = "spec.updateStrategy";
  const type = text(strategy, "type");
  if (type === "") errors.push(required(path));
  else if (type === "OnDelete") {
    if (has(strategy, "rollingUpdate")) {
      errors.push(
        invalid(`${path}.rollingUpdate`, strategy["rollingUpdate"], "only allowed for updateStrategy 'RollingUpdate'"),
      );
    }
  } else if (type === "RollingUpdate") {
    notNegative(errors, child(strategy, "rollingUpdate")["partition"], `${path}.rollingUpdate.partition`);
  } else errors.push(invalid(path, strategy, "must be 'RollingUpdate' or 'OnDelete'"));
}

function changeProblems(next: KubeObject, old: KubeObject): FieldError[] {
  const now = child(next, "spec");
  const was = child(old, "spec");
  const rest = (spec: Fields) => Object.fromEntries(Object.entries(spec).filter(([name]) => !MUTABLE.includes(name)));
  return jsonEqual(rest(now), rest(was)) ? [] : [forbidden("spec", ONLY_THESE)];
}

function statusProblems(next: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const status = child(next, "status");
  const parts = ["readyReplicas", "currentReplicas", "updatedReplicas"];
  noneNegative(errors, status, "status", [
    "replicas",
    ...parts,
    "availableReplicas",
    "observedGeneration",
    "collisionCount",
  ]);
  for (const name of [...parts, "availableReplicas"]) {
    const value = count(status, name);
    if (value > count(status, "replicas")) {
      errors.push(invalid(`status.${name}`, value, "cannot be greater than status.replicas"));
    }
  }
  const available = count(status, "availableReplicas");
  if (available > count(status, "readyReplicas")) {
    errors.push(invalid("status.availableReplicas", available, "cannot be greater than status.readyReplicas"));
  }
  return errors;
}
