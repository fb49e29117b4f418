import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from "../../../meta/field-error.ts";
import { qualifiedName } from "../../../schema/name-rules.ts";
import { child, count, type Fields, has, items, maybe, text } from "../fields.ts";
import { podTemplateRule } from "../pods/pod-rules.ts";
import { each, noneNegative, oneOf } from "../rules/scalar-rules.ts";

/** The spec of a job, or of the jobs that a cron job makes; the selector is judged elsewhere. */
export function jobSpecRule(errors: FieldError[], spec: Fields, path: string): void {
  noneNegative(errors, spec, path, [
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
  ]);
  const indexed = text(spec, "completionMode") === "Indexed";
  if (has(spec, "completionMode")) {
    oneOf(errors, text(spec, "completionMode"), `${path}.completionMode`, ["NonIndexed", "Indexed"]);
  }
  if (indexed) {
    if (!has(spec, "completions")) errors.push(required(`${path}.completions`, "when completion mode is Indexed"));
    if (count(spec, "parallelism") > 100_000) {
      errors.push(
        invalid(
          `${path}.parallelism`,
          count(spec, "parallelism"),
          "must be less than or equal to 100000 when completion mode is Indexed",
        ),
      );
    }
  }
  for (const name of ["backoffLimitPerIndex", "maxFailedIndexes"]) {
    if (has(spec, name) && !indexed) {
      errors.push(invalid(`${path}.${name}`, spec[name], "requires indexed completion mode"));
    }
  }
  failurePolicyRule(errors, spec, path);
  podTemplateRule(errors, child(spec, "template"), `${path}.template`);
  restartPolicyRule(errors, spec, path);
}

function restartPolicyRule(errors: FieldError[], spec: Fields, path: string): void {
  const policy = text(child(child(spec, "template"), "spec"), "restartPolicy");
  const at = `${path}.template.spec.restartPolicy`;
  if (policy === "Always" || policy === "") {
    errors.push(required(at, 'valid values: "OnFailure", "Never"'));
  } else if (policy !== "OnFailure" && policy !== "Never") {
    errors.push(notSupported(at, policy, ["OnFailure", "Never"]));
  } else if (has(spec, "podFailurePolicy") && policy !== "Never") {
    errors.push(invalid(at, policy, 'only "Never" is supported when podFailurePolicy is specified'));
  }
}

const ACTIONS = ["Count", "FailIndex", "FailJob", "Ignore"];
const MAX_RULES = 20;

function failurePolicyRule(errors: FieldError[], spec: Fields, path: string): void {
  const policy = maybe(spec, "podFailurePolicy");
  if (policy === undefined) return;
  const at = `${path}.podFailurePolicy.rules`;
  const rules = items(policy, "rules");
  if (rules.length > MAX_RULES) {
    errors.push({
      type: "FieldValueTooMany",
      field: at,
      value: rules.length,
      detail: `must have at most ${MAX_RULES} items`,
    });
  }
  const containers = new Set<string>();
  const podSpec = child(child(spec, "template"), "spec");
  for (const list of ["containers", "initContainers"]) {
    for (const container of items(podSpec, list)) containers.add(text(container, "name"));
  }
  for (const [i, rule] of rules.entries()) failureRule(errors, rule, { path: `${at}[${i}]`, spec, containers });
}

interface RulePlace {
  readonly path: string;
  readonly spec: Fields;
  readonly containers: ReadonlySet<string>;
}

function failureRule(errors: FieldError[], rule: Fields, { path, spec, containers }: RulePlace): void {
  const action = text(rule, "action");
  if (action === "")
    errors.push(required(`${path}.action`, `valid values: ${ACTIONS.map((a) => `"${a}"`).join(", ")}`));
  else if (action === "FailIndex" && !has(spec, "backoffLimitPerIndex")) {
    errors.push(invalid(`${path}.action`, action, "requires the backoffLimitPerIndex to be set"));
  } else if (!ACTIONS.includes(action)) errors.push(notSupported(`${path}.action`, action, ACTIONS));
  const codes = maybe(rule, "onExitCodes");
  const conditions = items(rule, "onPodConditions");
  if (codes !== undefined) exitCodesRule(errors, codes, `${path}.onExitCodes`, containers);
  for (const [i, condition] of conditions.entries()) {
    const at = `${path}.onPodConditions[${i}]`;
    each(errors, `${at}.type`, text(condition, "type"), qualifiedName);
    const status = text(condition, "status");
    if (status === "") errors.push(required(`${at}.status`, 'valid values: "False", "True", "Unknown"'));
    else oneOf(errors, status, `${at}.status`, ["False", "True", "Unknown"]);
  }
  if (codes !== undefined && conditions.length > 0) {
    errors.push(invalid(path, undefined, "specifying both OnExitCodes and OnPodConditions is not supported"));
  }
  if (codes === undefined && conditions.length === 0) {
    errors.push(invalid(path, undefined, "specifying one of OnExitCodes and OnPodConditions is required"));
  }
}

function exitCodesRule(errors: FieldError[], codes: Fields, path: string, containers: ReadonlySet<string>): void {
  const operator = text(codes, "operator");
  if (operator === "") errors.push(required(`${path}.operator`, 'valid values: "In", "NotIn"'));
  else oneOf(errors, operator, `${path}.operator`, ["In", "NotIn"]);
  const name = codes["containerName"];
  if (typeof name === "string" && !containers.has(name)) {
    errors.push(
      invalid(`${path}.containerName`, name, "must be one of the container or initContainer names in the pod template"),
    );
  }
  const values = Array.isArray(codes["values"]) ? (codes["values"] as number[]) : [];
  if (values.length === 0) errors.push(invalid(`${path}.values`, values, "at least one value is required"));
  else if (values.length > 255) {
    errors.push({
      type: "FieldValueTooMany",
      field: `${path}.values`,
      value: values.length,
      detail: "must have at most 255 items",
    });
  }
  const seen = new Set<number>();
  let ordered = true;
  for (const [i, value] of values.entries()) {
    if (operator === "In" && value === 0) {
      errors.push(invalid(`${path}.values[${i}]`, value, "must not be 0 for the In operator"));
    }
    if (seen.has(value)) errors.push(duplicate(`${path}.values[${i}]`, value));
    if (i > 0 && (values[i - 1] as number) > value) ordered = false;
    seen.add(value);
  }
  if (!ordered) errors.push(invalid(`${path}.values`, values, "must be ordered"));
}

/** A job made by a cron job has no selector of its own. */
export function noSelector(errors: FieldError[], spec: Fields, path: string): void {
  if (has(spec, "selector")) errors.push(forbidden(`${path}.selector`, "`selector` will be auto-generated"));
  if (spec["manualSelector"] === true) {
    errors.push(notSupported(`${path}.manualSelector`, true, ["nil", "false"]));
  }
}
