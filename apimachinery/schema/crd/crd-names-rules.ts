// The names a definition gives its kind, and the approval that groups of the Kubernetes project need.

import { type FieldError, invalid, required } from "../../meta/field-error.ts";
import { getOwn } from "../../meta/own-members.ts";
import type { KubeObject } from "../../meta/types.ts";
import { dns1035Label } from "../name-rules.ts";
import type { CrdNames, CustomResourceDefinition } from "./crd-types.ts";

/** @param complete - whether plural, singular, kind and listKind must be there */
export function namesErrors(names: CrdNames, path: string, complete: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const { plural = "", singular = "", kind = "", listKind = "" } = names;
  if (complete) {
    for (const [key, value] of Object.entries({ plural, singular, kind, listKind })) {
      if (value === "") errors.push(required(`${path}.${key}`));
    }
  }
  const check = (value: string, at: string, label: string, prefix: string): void => {
    const complaints = dns1035Label(label);
    if (complaints.length > 0) errors.push(invalid(`${path}.${at}`, value, prefix + complaints.join(",")));
  };
  const mixed = "may have mixed case, but should otherwise match: ";
  if (plural !== "") check(plural, "plural", plural, "");
  if (singular !== "") check(singular, "singular", singular, "");
  if (kind !== "") check(kind, "kind", kind.toLowerCase(), mixed);
  if (listKind !== "") check(listKind, "listKind", listKind.toLowerCase(), mixed);
  for (const [index, name] of (names.shortNames ?? []).entries()) check(name, `shortNames[${index}]`, name, "");
  if (kind !== "" && kind === listKind) {
    errors.push(invalid(`${path}.listKind`, listKind, "kind and listKind may not be the same"));
  }
  for (const [index, name] of (names.categories ?? []).entries()) check(name, `categories[${index}]`, name, "");
  return errors;
}

const APPROVAL = "api-approved.kubernetes.io";

type Approval = "missing" | "bypassed" | "approved" | "invalid";

function approvalOf(crd: KubeObject): Approval {
  const annotation = getOwn(crd.metadata.annotations, APPROVAL) ?? "";
  if (annotation === "") return "missing";
  if (annotation.startsWith("unapproved")) return "bypassed";
  return /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^\s/?#]+/.test(annotation) ? "approved" : "invalid";
}

/** Groups of the Kubernetes project may only be used with approval. An unchanged state is not judged again. */
export function approvalErrors(crd: KubeObject, old: KubeObject | undefined): FieldError[] {
  const group = (crd as CustomResourceDefinition).spec?.group ?? "";
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return [];
  const approval = approvalOf(crd);
  if (old !== undefined && approvalOf(old) === approval) return [];
  const path = `metadata.annotations[${APPROVAL}]`;
  const must = `protected groups must have approval annotation "${APPROVAL}"`;
  const see = "see https://github.com/kubernetes/enhancements/pull/1111";
  if (approval === "missing") return [required(path, `${must}, ${see}`)];
  if (approval !== "invalid") return [];
  const detail = `${must} with either a URL or a reason starting with "unapproved", ${see}`;
  return [invalid(path, getOwn(crd.metadata.annotations, APPROVAL), detail)];
}
