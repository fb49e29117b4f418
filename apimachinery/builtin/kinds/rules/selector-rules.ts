// Rules of metav1.LabelSelector and of label maps inside of specs.
import { type FieldError, forbidden, invalid, required } from "../../../meta/field-error.ts";
import { labelValue, qualifiedName } from "../../../schema/name-rules.ts";
import { child, type Fields, has, items, text, textMap, texts } from "../fields.ts";
import { each } from "./scalar-rules.ts";

/** Keys and values of a map of labels; all errors are at the map. */
export function labelsRule(errors: FieldError[], labels: Readonly<Record<string, string>>, path: string): void {
  for (const key of Object.keys(labels)) {
    each(errors, path, key, qualifiedName);
    each(errors, path, labels[key] as string, labelValue);
  }
}

/** A selector; undefined is fine. */
export function selectorRule(errors: FieldError[], selector: Fields | undefined, path: string): void {
  if (selector === undefined) return;
  labelsRule(errors, textMap(selector, "matchLabels"), `${path}.matchLabels`);
  for (const [i, expression] of items(selector, "matchExpressions").entries()) {
    requirementRule(errors, expression, `${path}.matchExpressions[${i}]`);
  }
}

function requirementRule(errors: FieldError[], expression: Fields, path: string): void {
  const values = texts(expression, "values");
  switch (text(expression, "operator")) {
    case "In":
    case "NotIn":
      if (values.length === 0) {
        errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      }
      break;
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0) {
        errors.push(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      }
      break;
    default:
      errors.push(invalid(`${path}.operator`, text(expression, "operator"), "not a valid selector operator"));
  }
  each(errors, `${path}.key`, text(expression, "key"), qualifiedName);
  for (const [i, value] of values.entries()) each(errors, `${path}.values[${i}]`, value, labelValue);
}

/** True for a selector without conditions, or none. */
export function isEmptySelector(parent: Fields, name: string): boolean {
  const selector = child(parent, name);
  return Object.keys(textMap(selector, "matchLabels")).length === 0 && items(selector, "matchExpressions").length === 0;
}

/** Whether labels satisfy a selector that has passed its rules. */
export function selectorMatches(selector: Fields, labels: Readonly<Record<string, string>>): boolean {
  const wanted = textMap(selector, "matchLabels");
  if (Object.keys(wanted).some((key) => !Object.hasOwn(labels, key) || labels[key] !== wanted[key])) return false;
  return items(selector, "matchExpressions").every((expression) => {
    const key = text(expression, "key");
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (text(expression, "operator")) {
      case "In":
        return value !== undefined && texts(expression, "values").includes(value);
      case "NotIn":
        return value === undefined || !texts(expression, "values").includes(value);
      case "Exists":
        return value !== undefined;
      case "DoesNotExist":
        return value === undefined;
      default:
        return false;
    }
  });
}

/** The selector in the order in which its members are declared, for texts. */
export function selectorJson(parent: Fields, name: string): unknown {
  if (!has(parent, name)) return null;
  const selector = child(parent, name);
  return {
    ...(has(selector, "matchLabels") ? { matchLabels: sorted(textMap(selector, "matchLabels")) } : {}),
    ...(has(selector, "matchExpressions") ? { matchExpressions: selector["matchExpressions"] } : {}),
  };
}

/** A map with its keys in order. */
export function sorted(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.keys(map)
      .sort()
      .map((key) => [key, map[key] as string]),
  );
}
