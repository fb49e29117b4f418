import { type FieldError, forbidden, invalid, required } from "../../../meta/field-error.ts";
import { jsonEqual } from "../../../meta/json-equal.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { labelValue, qualifiedName } from "../../../schema/name-rules.ts";
import { child, type Fields, flag, has, items, text, texts } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { cidrRule, parseNetwork } from "../rules/ip-rules.ts";
import { each, oneOf } from "../rules/scalar-rules.ts";

const NOT_READY = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

/** Nodes. */
export const nodeBehaviour: KindBehaviour = {
  keepsStatusOnCreate: true,
  defaults(object) {
    const spec = child(object, "spec");
    const ranges = texts(spec, "podCIDRs");
    if (text(spec, "podCIDR") !== "" && ranges.length === 0) spec["podCIDRs"] = [text(spec, "podCIDR")];
    else if (ranges.length > 0) spec["podCIDR"] = ranges[0];
  },
  admit: taintUntilReady,
  prepareForCreate: taintUntilReady,
  validate: nodeProblems,
  validateUpdate: (next, old) => [...nodeProblems(next), ...changeProblems(next, old)],
  selectableFieldNames: ["spec.unschedulable"],
  selectableFields: (node) => ({ "spec.unschedulable": String(flag(child(node, "spec"), "unschedulable")) }),
};

/** A new node gets no pods before it says that it is ready. */
function taintUntilReady(object: KubeObject): void {
  const spec = child(object, "spec");
  const taints = items(spec, "taints");
  const there = taints.some((t) => text(t, "key") === NOT_READY.key && text(t, "effect") === NOT_READY.effect);
  if (!there) object["spec"] = { ...spec, taints: [...taints, { ...NOT_READY }] };
}

function nodeProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  const seen = new Set<string>();
  for (const [i, taint] of items(spec, "taints").entries()) taintRule(errors, taint, `metadata.taints[${i}]`, seen);
  rangesRule(errors, texts(spec, "podCIDRs"));
  return errors;
}

function taintRule(errors: FieldError[], taint: Fields, path: string, seen: Set<string>): void {
  const key = text(taint, "key");
  const value = text(taint, "value");
  const effect = text(taint, "effect");
  each(errors, `${path}.key`, key, qualifiedName);
  each(errors, `${path}.value`, value, labelValue);
  if (effect === "") errors.push(required(`${path}.effect`));
  else oneOf(errors, effect, `${path}.effect`, ["NoSchedule", "PreferNoSchedule", "NoExecute"]);
  if (seen.has(`${key}:${effect}`)) {
    errors.push({
      type: "FieldValueDuplicate",
      field: path,
      value: { Key: key, Value: value, Effect: effect, TimeAdded: taint["timeAdded"] ?? null },
      detail: "taints must be unique by key and effect pair",
    });
  }
  seen.add(`${key}:${effect}`);
}

function rangesRule(errors: FieldError[], ranges: readonly string[]): void {
  const path = "spec.podCIDRs";
  for (const [i, range] of ranges.entries()) cidrRule(errors, range, `${path}[${i}]`);
  if (ranges.length < 2) return;
  const networks = ranges.map(parseNetwork);
  const bad = networks.indexOf(undefined);
  if (bad >= 0) {
    const why = `invalid CIDR[${bad}]: <nil> (invalid CIDR address: ${ranges[bad]})`;
    const detail = `invalid PodCIDRs. failed to check with dual stack with error:${why}`;
    errors.push({ type: "InternalError", field: path, detail });
  }
  const families = new Set(networks.map((network) => network?.base.family));
  if (bad >= 0 || ranges.length > 2 || families.size < 2) {
    errors.push(invalid(path, ranges, "may specify no more than one CIDR for each IP family"));
  }
}

function changeProblems(next: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(next, "spec");
  const before = child(old, "spec");
  if (texts(before, "podCIDRs").length > 0 && !jsonEqual(texts(spec, "podCIDRs"), texts(before, "podCIDRs"))) {
    errors.push(forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid'));
  }
  if (text(before, "providerID") !== "" && text(spec, "providerID") !== text(before, "providerID")) {
    errors.push(forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid'));
  }
  const rest = ({ podCIDR, podCIDRs, providerID, unschedulable, taints, configSource, ...other }: Fields) => other;
  if (has(next, "spec") && !jsonEqual(rest(spec), rest(before))) {
    errors.push(forbidden("", "node updates may only change labels, taints, or capacity"));
  }
  return errors;
}
