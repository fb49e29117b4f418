// fieldSelector and labelSelector of resourceAttributes. They can only narrow what is asked, and RBAC does not look at them.
import { type FieldError, forbidden, invalid, required } from "@holdfast/apimachinery/meta/field-error";
import { parseFieldSelector } from "@holdfast/apimachinery/selectors/field-selector";
import { parseLabelSelector } from "@holdfast/apimachinery/selectors/label-selector";
import { isRecord } from "../rbac/policy-rule.ts";
import { aggregate } from "../rbac-authorizer.ts";

type Fields = Readonly<Record<string, unknown>>;

const SELECTORS = ["fieldSelector", "labelSelector"] as const;

/** Complaints about selectors. Unknown operators are fine: newer clients may know more of them. */
export function selectorErrors(attributes: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of SELECTORS) {
    const selector = attributes[name];
    if (!isRecord(selector)) continue;
    const at = `${path}.${name}`;
    const raw = rawOf(selector);
    const requirements = requirementsOf(selector);
    if (raw !== "" && requirements.length > 0) {
      errors.push(invalid(`${at}.rawSelector`, raw, "may not specified at the same time as requirements"));
    }
    if (raw === "" && requirements.length === 0) {
      errors.push(required(`${at}.requirements`, `when ${at} is specified, requirements or rawSelector is required`));
    }
    for (const [i, requirement] of requirements.entries())
      errors.push(...requirementErrors(requirement, `${at}.requirements[${i}]`));
  }
  return errors;
}

function requirementErrors(requirement: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const values = Array.isArray(requirement["values"]) ? requirement["values"].length : 0;
  switch (requirement["operator"]) {
    case "In":
    case "NotIn":
      if (values === 0) errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case "Exists":
    case "DoesNotExist":
      if (values > 0)
        errors.push(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    default:
  }
  if (typeof requirement["key"] !== "string" || requirement["key"] === "")
    errors.push(required(`${path}.key`, "must be specified"));
  return errors;
}

const KNOWN_OPERATORS: ReadonlySet<unknown> = new Set(["In", "NotIn", "Exists", "DoesNotExist"]);

/** What of the selectors could not be understood; "" when everything could. */
export function evaluationError(attributes: unknown): string {
  if (!isRecord(attributes)) return "";
  const texts: string[] = [];
  for (const name of SELECTORS) {
    const selector = attributes[name];
    if (!isRecord(selector)) continue;
    const requirements = requirementsOf(selector);
    const known = requirements.filter((r) => KNOWN_OPERATORS.has(r["operator"])).length;
    const lost = requirements.length > 0 ? known < requirements.length : !parses(name, rawOf(selector));
    if (lost) texts.push(`spec.resourceAttributes.${name} ${known > 0 ? "partially " : ""}ignored due to parse error`);
  }
  return texts.length === 0 ? "" : aggregate(texts);
}

function parses(name: (typeof SELECTORS)[number], raw: string): boolean {
  try {
    if (name === "fieldSelector") parseFieldSelector(raw);
    else parseLabelSelector(raw);
    return true;
  } catch {
    return false;
  }
}

function rawOf(selector: Fields): string {
  return typeof selector["rawSelector"] === "string" ? selector["rawSelector"] : "";
}

function requirementsOf(selector: Fields): Fields[] {
  return Array.isArray(selector["requirements"]) ? selector["requirements"].filter(isRecord) : [];
}
