import { duplicate, type FieldError, forbidden, invalid, required } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { dns1123Label, dns1123Subdomain, qualifiedName } from "../../../schema/name-rules.ts";
import { child, type Fields, flag, has, items, maybe, text, textMap, texts } from "../fields.ts";
import { ipRule } from "../rules/ip-rules.ts";
import { quantityRule, resourceName } from "../rules/resource-rules.ts";
import { each, oneOf, requiredName } from "../rules/scalar-rules.ts";
import { labelsRule, selectorRule } from "../rules/selector-rules.ts";
import { containersRule } from "./container-rules.ts";
import { operatingSystemRule, podSecurityRule } from "./security-rules.ts";
import { volumesRule } from "./volume-rules.ts";

/** What is wrong with a pod to be created. */
export function podProblems(pod: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(pod, "spec");
  podSpecRule(errors, spec, "spec");
  if (items(spec, "ephemeralContainers").length > 0) {
    errors.push(forbidden("spec.ephemeralContainers", "cannot be set on create"));
  }
  if (items(spec, "schedulingGates").length > 0 && text(spec, "nodeName") !== "") {
    errors.push(forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared"));
  }
  return errors;
}

/** A pod template: labels, annotations and spec. */
export function podTemplateRule(errors: FieldError[], template: Fields, path: string): void {
  const metadata = child(template, "metadata");
  // The original leaves the word "metadata" out of these paths.
  labelsRule(errors, textMap(metadata, "labels"), `${path}.labels`);
  for (const key of Object.keys(child(metadata, "annotations"))) {
    for (const problem of qualifiedName(key.toLowerCase())) errors.push(invalid(`${path}.annotations`, key, problem));
  }
  podSpecRule(errors, child(template, "spec"), `${path}.spec`);
  if (items(child(template, "spec"), "ephemeralContainers").length > 0) {
    errors.push(forbidden(`${path}.spec.ephemeralContainers`, "ephemeral containers not allowed in pod template"));
  }
}

function podSpecRule(errors: FieldError[], spec: Fields, path: string): void {
  const volumes = volumesRule(errors, spec, path);
  const claims = resourceClaims(errors, spec, path);
  containersRule(errors, spec, path, { volumes, claims, hostNetwork: flag(spec, "hostNetwork") });
  oneOf(errors, text(spec, "restartPolicy"), `${path}.restartPolicy`, ["Always", "OnFailure", "Never"]);
  oneOf(errors, text(spec, "dnsPolicy"), `${path}.dnsPolicy`, [
    "ClusterFirstWithHostNet",
    "ClusterFirst",
    "Default",
    "None",
  ]);
  labelsRule(errors, textMap(spec, "nodeSelector"), `${path}.nodeSelector`);
  podSecurityRule(errors, spec, path);
  for (const [i, reference] of items(spec, "imagePullSecrets").entries()) {
    if (text(reference, "name") === "") errors.push(required(`${path}.imagePullSecrets[${i}].name`));
  }
  affinityRule(errors, child(spec, "affinity"), `${path}.affinity`);
  dnsConfigRule(errors, spec, path);
  gatesRule(errors, spec, path);
  spreadRule(errors, spec, path);
  namesRule(errors, spec, path);
  const deadline = spec["activeDeadlineSeconds"];
  if (typeof deadline === "number" && (deadline < 1 || deadline > 2_147_483_647)) {
    errors.push(invalid(`${path}.activeDeadlineSeconds`, deadline, "must be between 1 and 2147483647, inclusive"));
  }
  tolerationsRule(errors, spec, `${path}.tolerations`);
  hostAliasesRule(errors, spec, path);
  overheadRule(errors, spec, path);
  operatingSystemRule(errors, spec, path);
}

function resourceClaims(errors: FieldError[], spec: Fields, path: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [i, claim] of items(spec, "resourceClaims").entries()) {
    const at = `${path}.resourceClaims[${i}]`;
    const name = text(claim, "name");
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    requiredName(errors, claim, "name", at, dns1123Label);
    names.add(name);
  }
  return names;
}

function namesRule(errors: FieldError[], spec: Fields, path: string): void {
  const named: readonly (readonly [string, (value: string) => string[]])[] = [
    ["serviceAccountName", dns1123Subdomain],
    ["nodeName", dns1123Subdomain],
    ["hostname", dns1123Label],
    ["subdomain", dns1123Label],
    ["priorityClassName", dns1123Subdomain],
    ["runtimeClassName", dns1123Subdomain],
  ];
  for (const [name, rule] of named) {
    const value = text(spec, name);
    if (value !== "") each(errors, `${path}.${name}`, value, rule);
  }
  if (has(spec, "preemptionPolicy")) {
    oneOf(errors, text(spec, "preemptionPolicy"), `${path}.preemptionPolicy`, ["PreemptLowerPriority", "Never"]);
  }
}

function dnsConfigRule(errors: FieldError[], spec: Fields, path: string): void {
  const config = maybe(spec, "dnsConfig");
  const at = `${path}.dnsConfig`;
  if (text(spec, "dnsPolicy") === "None") {
    if (config === undefined) {
      errors.push(required(at, "must provide `dnsConfig` when `dnsPolicy` is None"));
      return;
    }
    if (texts(config, "nameservers").length === 0) {
      errors.push(required(`${at}.nameservers`, "must provide at least one DNS nameserver when `dnsPolicy` is None"));
      return;
    }
  }
  if (config === undefined) return;
  const servers = texts(config, "nameservers");
  if (servers.length > 3) errors.push(invalid(`${at}.nameservers`, servers, "must not have more than 3 nameservers"));
  for (const [i, server] of servers.entries()) ipRule(errors, server, `${at}.nameservers[${i}]`);
  const searches = texts(config, "searches");
  if (searches.length > 32) errors.push(invalid(`${at}.searches`, searches, "must not have more than 32 search paths"));
  for (const [i, search] of searches.entries()) {
    each(errors, `${at}.searches[${i}]`, search.replace(/\.$/, ""), dns1123Subdomain);
  }
  for (const [i, option] of items(config, "options").entries()) {
    if (text(option, "name") === "") errors.push(required(`${at}.options[${i}]`, "must not be empty"));
  }
}

function gatesRule(errors: FieldError[], spec: Fields, path: string): void {
  const seen = new Set<string>();
  for (const [i, gate] of items(spec, "schedulingGates").entries()) {
    const name = text(gate, "name");
    const at = `${path}.schedulingGates[${i}]`;
    if (seen.has(name)) errors.push(duplicate(at, name));
    else each(errors, at, name, qualifiedName);
    seen.add(name);
  }
  for (const [i, gate] of items(spec, "readinessGates").entries()) {
    each(errors, `${path}.readinessGates[${i}].conditionType`, text(gate, "conditionType"), qualifiedName);
  }
}

function spreadRule(errors: FieldError[], spec: Fields, path: string): void {
  const seen = new Set<string>();
  for (const [i, constraint] of items(spec, "topologySpreadConstraints").entries()) {
    const at = `${path}.topologySpreadConstraints[${i}]`;
    const skew = constraint["maxSkew"];
    if (typeof skew !== "number" || skew <= 0)
      errors.push(invalid(`${at}.maxSkew`, skew ?? 0, "must be greater than zero"));
    const key = text(constraint, "topologyKey");
    if (key === "") errors.push(required(`${at}.topologyKey`, "can not be empty"));
    else labelKey(errors, key, `${at}.topologyKey`);
    const action = text(constraint, "whenUnsatisfiable");
    oneOf(errors, action, `${at}.whenUnsatisfiable`, ["DoNotSchedule", "ScheduleAnyway"]);
    const pair = `{${key}, ${action}}`;
    if (seen.has(pair)) errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, pair));
    seen.add(pair);
    selectorRule(errors, maybe(constraint, "labelSelector"), `${at}.labelSelector`);
  }
}

function labelKey(errors: FieldError[], key: string, path: string): void {
  each(errors, path, key, qualifiedName);
}

/** Tolerations of a pod. */
export function tolerationsRule(errors: FieldError[], spec: Fields, path: string): void {
  for (const [i, toleration] of items(spec, "tolerations").entries()) {
    const at = `${path}[${i}]`;
    const key = text(toleration, "key");
    const operator = text(toleration, "operator");
    const effect = text(toleration, "effect");
    if (key !== "") each(errors, `${at}.key`, key, qualifiedName);
    else if (operator !== "Exists") {
      errors.push(
        invalid(
          `${at}.operator`,
          operator,
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    }
    if (has(toleration, "tolerationSeconds") && effect !== "NoExecute") {
      errors.push(invalid(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    }
    if (operator === "Exists" && text(toleration, "value") !== "") {
      errors.push(invalid(`${at}.operator`, toleration, "value must be empty when `operator` is 'Exists'"));
    } else if (operator !== "" && operator !== "Equal" && operator !== "Exists") {
      oneOf(errors, operator, `${at}.operator`, ["Equal", "Exists"]);
    }
    if (effect !== "") oneOf(errors, effect, `${at}.effect`, ["NoSchedule", "PreferNoSchedule", "NoExecute"]);
  }
}

function hostAliasesRule(errors: FieldError[], spec: Fields, path: string): void {
  for (const [i, alias] of items(spec, "hostAliases").entries()) {
    ipRule(errors, text(alias, "ip"), `${path}.hostAliases[${i}].ip`);
    for (const [j, name] of texts(alias, "hostnames").entries()) {
      each(errors, `${path}.hostAliases[${i}].hostnames[${j}]`, name, dns1123Subdomain);
    }
  }
}

function overheadRule(errors: FieldError[], spec: Fields, path: string): void {
  const overhead = textMap(spec, "overhead");
  for (const name of Object.keys(overhead).sort()) {
    resourceName(errors, name, `${path}.overhead[${name}]`);
    quantityRule(errors, name, overhead[name] as string, `${path}.overhead[${name}]`);
  }
}

function affinityRule(errors: FieldError[], affinity: Fields, path: string): void {
  for (const name of ["podAffinity", "podAntiAffinity"]) {
    const part = child(affinity, name);
    for (const [i, term] of items(part, "requiredDuringSchedulingIgnoredDuringExecution").entries()) {
      affinityTerm(errors, term, `${path}.${name}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`);
    }
    for (const [i, term] of items(part, "preferredDuringSchedulingIgnoredDuringExecution").entries()) {
      const at = `${path}.${name}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
      weightRule(errors, term, at);
      affinityTerm(errors, child(term, "podAffinityTerm"), `${at}.podAffinityTerm`);
    }
  }
  nodeAffinityRule(errors, child(affinity, "nodeAffinity"), `${path}.nodeAffinity`);
}

function weightRule(errors: FieldError[], term: Fields, path: string): void {
  const weight = term["weight"];
  if (typeof weight !== "number" || weight < 1 || weight > 100) {
    errors.push(invalid(`${path}.weight`, weight ?? 0, "must be in the range 1-100"));
  }
}

function affinityTerm(errors: FieldError[], term: Fields, path: string): void {
  selectorRule(errors, maybe(term, "labelSelector"), `${path}.labelSelector`);
  selectorRule(errors, maybe(term, "namespaceSelector"), `${path}.namespaceSelector`);
  const key = text(term, "topologyKey");
  if (key === "") errors.push(required(`${path}.topologyKey`, "can not be empty"));
  labelKey(errors, key, `${path}.topologyKey`);
}

function nodeAffinityRule(errors: FieldError[], affinity: Fields, path: string): void {
  const needed = maybe(affinity, "requiredDuringSchedulingIgnoredDuringExecution");
  if (needed !== undefined) {
    const at = `${path}.requiredDuringSchedulingIgnoredDuringExecution`;
    const terms = items(needed, "nodeSelectorTerms");
    if (terms.length === 0)
      errors.push(required(`${at}.nodeSelectorTerms`, "must have at least one node selector term"));
    for (const [i, term] of terms.entries()) nodeTermRule(errors, term, `${at}.nodeSelectorTerms[${i}]`);
  }
  for (const [i, term] of items(affinity, "preferredDuringSchedulingIgnoredDuringExecution").entries()) {
    const at = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
    weightRule(errors, term, at);
    nodeTermRule(errors, child(term, "preference"), `${at}.preference`);
  }
}

function nodeTermRule(errors: FieldError[], term: Fields, path: string): void {
  for (const [i, expression] of items(term, "matchExpressions").entries()) {
    const at = `${path}.matchExpressions[${i}]`;
    const values = texts(expression, "values");
    switch (text(expression, "operator")) {
      case "In":
      case "NotIn":
        if (values.length === 0)
          errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
        break;
      case "Exists":
      case "DoesNotExist":
        if (values.length > 0) {
          errors.push(forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
        }
        break;
      case "Gt":
      case "Lt":
        if (values.length !== 1) {
          errors.push(required(`${at}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
        }
        break;
      default:
        errors.push(invalid(`${at}.operator`, text(expression, "operator"), "not a valid selector operator"));
    }
    labelKey(errors, text(expression, "key"), `${at}.key`);
  }
}
