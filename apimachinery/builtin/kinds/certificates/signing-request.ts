import { type FieldError, forbidden, invalid, required } from "../../../meta/field-error.ts";
import { jsonEqual } from "../../../meta/json-equal.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { dns1123Subdomain } from "../../../schema/name-rules.ts";
import { enumValues } from "../../type-table.ts";
import { child, count, has, items, text, texts } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { oneOf } from "../rules/scalar-rules.ts";

const USAGES = enumValues("certificates/v1.KeyUsage") ?? [];
const MIN_SECONDS = 600;

/** CertificateSigningRequests. Who asked is filled in by the server. */
export const signingRequestBehaviour: KindBehaviour = {
  validate: problems,
  prepareForUpdate(next, old) {
    // What was asked for never changes.
    next["spec"] = old["spec"];
  },
  validateUpdate: () => [],
  validateStatusUpdate: statusProblems,
  selectableFieldNames: ["spec.signerName"],
  selectableFields: (object) => ({ "spec.signerName": text(child(object, "spec"), "signerName") }),
};

function problems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  const request = text(spec, "request");
  if (request === "") errors.push(required("spec.request", "PEM block type must be CERTIFICATE REQUEST"));
  else if (!isRequest(request)) {
    errors.push(invalid("spec.request", request, "PEM block type must be CERTIFICATE REQUEST"));
  }
  const usages = texts(spec, "usages");
  if (usages.length === 0) errors.push(required("spec.usages", "usages must be specified"));
  for (const [i, usage] of usages.entries()) {
    if (!USAGES.includes(usage)) oneOf(errors, usage, `spec.usages[${i}]`, USAGES);
    else if (usages.indexOf(usage) !== i) {
      errors.push({ type: "FieldValueDuplicate", field: `spec.usages[${i}]`, value: usage, detail: "" });
    }
  }
  signerRule(errors, text(spec, "signerName"));
  const seconds = count(spec, "expirationSeconds");
  if (has(spec, "expirationSeconds") && seconds < MIN_SECONDS) {
    errors.push(
      invalid(
        "spec.expirationSeconds",
        seconds,
        `may not specify a duration less than ${MIN_SECONDS} seconds (10 minutes)`,
      ),
    );
  }
  return errors;
}

function isRequest(base64: string): boolean {
  try {
    return /^-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----/m.test(atob(base64));
  } catch {
    return false;
  }
}

function signerRule(errors: FieldError[], name: string): void {
  const path = "spec.signerName";
  if (name === "") {
    errors.push(required(path));
    return;
  }
  if (name === "kubernetes.io/legacy-unknown") {
    errors.push(invalid(path, name, "the legacy signerName is not allowed via this API version"));
    return;
  }
  const parts = name.split("/");
  if (parts.length !== 2) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    errors.push(invalid(path, name, detail));
    return;
  }
  const domain = parts[0] as string;
  for (const problem of dns1123Subdomain(domain))
    errors.push(invalid(path, name, `validating domain section "${domain}": ${problem}`));
  if (!domain.includes("."))
    errors.push(
      invalid(path, name, "validating domain section: should be a domain with at least two segments separated by dots"),
    );
}

const DECISIONS = ["Approved", "Denied"];

function statusProblems(next: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const decided = (object: KubeObject) =>
    items(child(object, "status"), "conditions").filter((c) => DECISIONS.includes(text(c, "type")));
  const types = new Set(decided(next).map((c) => text(c, "type")));
  if (types.size > 1) {
    errors.push(invalid("status.conditions", "Denied", "Approved and Denied conditions are mutually exclusive"));
  }
  for (const condition of decided(old)) {
    if (!types.has(text(condition, "type"))) {
      errors.push(
        forbidden("status.conditions", `updates may not remove a condition of type "${text(condition, "type")}"`),
      );
    }
  }
  const certificate = text(child(old, "status"), "certificate");
  if (certificate !== "" && !jsonEqual(certificate, text(child(next, "status"), "certificate"))) {
    errors.push(forbidden("status.certificate", "updates may not set certificate content"));
  }
  return errors;
}
