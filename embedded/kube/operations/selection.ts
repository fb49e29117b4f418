import { badRequest } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { checkSupportedFields, parseFieldSelector } from "@holdfast/apimachinery/selectors/field-selector";
import { parseLabelSelector } from "@holdfast/apimachinery/selectors/label-selector";
import type { ResourceType } from "../resources/resource-type.ts";
import type { Selection } from "./read.ts";

/** Reads labelSelector and fieldSelector of a query. @throws 400 for syntax and for fields the kind cannot be selected by */
export function parseSelection(query: URLSearchParams, type: ResourceType): Selection {
  const labelText = query.get("labelSelector") ?? "";
  const fieldText = query.get("fieldSelector") ?? "";
  const labels = labelText === "" ? undefined : parseLabelSelector(labelText);
  const fields = fieldText === "" ? undefined : parseFieldSelector(fieldText);
  if (fields !== undefined) {
    const problem = checkSupportedFields(fields, type.behaviour.selectableFieldNames, refusalOf(type));
    if (problem !== undefined) throw badRequest(problem);
  }
  return { labels: labels?.isEmpty ? undefined : labels, fields: fields?.isEmpty ? undefined : fields };
}

/** Which of the two texts refuses a field nobody can select by; kinds with fields of their own have the older one. */
function refusalOf(type: ResourceType): "label" | "name" {
  if (type.definition !== undefined) return "label";
  return type.behaviour.selectableFieldNames.length > 0 ? "label" : "name";
}

export function matchesSelection(type: ResourceType, object: KubeObject, selection: Selection): boolean {
  if (selection.labels !== undefined && !selection.labels.matches(object.metadata.labels ?? {})) return false;
  if (selection.fields !== undefined) {
    const values = type.behaviour.selectableFields(object);
    return selection.fields.matches({
      "metadata.name": object.metadata.name ?? "",
      "metadata.namespace": object.metadata.namespace ?? "",
      ...values,
    });
  }
  return true;
}
