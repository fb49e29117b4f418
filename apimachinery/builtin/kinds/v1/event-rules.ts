// What is wrong with an Event, in either of its versions.
import { type FieldError, invalid, required } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { byteLength, dns1123Subdomain, qualifiedName } from "../../../schema/name-rules.ts";
import { child, has, text } from "../fields.ts";
import { each } from "../rules/scalar-rules.ts";

const OTHER_NAMESPACE = "does not match event.namespace";
const MAX_NAME = 128;
const MAX_NOTE = 1024;

/** Events of the core group: they stand in the namespace of what they are about. */
export function coreEventProblems(event: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  namespaceRule(errors, event, "involvedObject");
  return errors;
}

function namespaceRule(errors: FieldError[], event: KubeObject, member: string): void {
  const about = text(child(event, member), "namespace");
  const own = event.metadata.namespace ?? "";
  const fits = about === "" ? own === "default" || own === "kube-system" : about === own;
  if (!fits) errors.push(invalid("involvedObject.namespace", about, OTHER_NAMESPACE));
  if (own !== "") each(errors, "namespace", own, dns1123Subdomain);
}

/** Events of events.k8s.io say more of themselves. */
export function newEventProblems(event: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  namespaceRule(errors, event, "regarding");
  if (!has(event, "eventTime")) errors.push(required("eventTime"));
  const controller = text(event, "reportingController");
  if (controller === "") errors.push(required("reportingController"));
  each(errors, "reportingController", controller, qualifiedName);
  for (const name of ["reportingInstance", "action", "reason"]) {
    const value = text(event, name);
    if (value === "") errors.push(required(name));
    else if (byteLength(value) > MAX_NAME) errors.push(invalid(name, "", `can have at most ${MAX_NAME} characters`));
  }
  if (byteLength(text(event, "note")) > MAX_NOTE) {
    errors.push(invalid("note", "", `can have at most ${MAX_NOTE} characters`));
  }
  const type = text(event, "type");
  if (type !== "Normal" && type !== "Warning") errors.push(invalid("type", "", `has invalid value: ${type}`));
  return errors;
}
