// Rules for single values that many kinds share, in the words of the API.
import { type FieldError, invalid, notSupported, required } from "../../../meta/field-error.ts";
import { byteLength, type NameRule } from "../../../schema/name-rules.ts";
import { type Fields, text } from "../fields.ts";

export const NOT_NEGATIVE = "must be greater than or equal to 0";
export const IMMUTABLE = "field is immutable";
const PORT_RANGE = "must be between 1 and 65535, inclusive";
const ID_RANGE = "must be between 0 and 2147483647, inclusive";

/** Adds an error when a number is negative; a missing one is fine. */
export function notNegative(errors: FieldError[], value: unknown, path: string): void {
  if (typeof value === "number" && value < 0) errors.push(invalid(path, value, NOT_NEGATIVE));
}

/** {@link notNegative} for several members of one struct. */
export function noneNegative(errors: FieldError[], parent: Fields, path: string, names: readonly string[]): void {
  for (const name of names) notNegative(errors, parent[name], `${path}.${name}`);
}

export function portNumber(errors: FieldError[], value: unknown, path: string): void {
  if (typeof value !== "number" || value < 1 || value > 65_535) errors.push(invalid(path, value ?? 0, PORT_RANGE));
}

/** A port by number or by name. */
export function portOrName(errors: FieldError[], value: unknown, path: string): void {
  if (typeof value === "string") each(errors, path, value, portName);
  else portNumber(errors, value, path);
}

/** IANA service names, as ports of containers have them. */
export function portName(value: string): string[] {
  const problems: string[] = [];
  if (value.length > 15) problems.push("must be no more than 15 characters");
  if (!/^[-a-z0-9]+$/.test(value)) {
    problems.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (!/[a-z]/.test(value)) problems.push("must contain at least one letter (a-z)");
  if (value.includes("--")) problems.push("must not contain consecutive hyphens");
  if (value.startsWith("-") || value.endsWith("-")) problems.push("must not begin or end with a hyphen");
  return problems;
}

/** User and group ids. */
export function idNumber(errors: FieldError[], value: unknown, path: string): void {
  if (typeof value === "number" && (value < 0 || value > 2_147_483_647)) errors.push(invalid(path, value, ID_RANGE));
}

/** Adds one error for each complaint of a rule. */
export function each(errors: FieldError[], path: string, value: string, rule: NameRule): void {
  for (const problem of rule(value)) errors.push(invalid(path, value, problem));
}

/** A required string that has to obey a rule. */
export function requiredName(errors: FieldError[], parent: Fields, name: string, path: string, rule: NameRule): void {
  const value = text(parent, name);
  if (value === "") errors.push(required(`${path}.${name}`));
  else each(errors, `${path}.${name}`, value, rule);
}

/** A string that has to be one of a list; `""` is checked too. */
export function oneOf(errors: FieldError[], value: unknown, path: string, allowed: readonly string[]): void {
  if (!allowed.includes(String(value ?? ""))) errors.push(notSupported(path, value ?? "", allowed));
}

/** {@link oneOf} that accepts a missing value. */
export function oneOfIfSet(errors: FieldError[], value: unknown, path: string, allowed: readonly string[]): void {
  if (value !== undefined && value !== null) oneOf(errors, value, path, allowed);
}

const PERCENT_HELP =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/** A number or a percentage, as in rolling updates. */
export function intOrPercent(errors: FieldError[], value: unknown, path: string): void {
  if (typeof value === "string") {
    if (!/^[0-9]+%$/.test(value)) errors.push(invalid(path, value, PERCENT_HELP));
  } else notNegative(errors, value, path);
}

/** A percentage may not be more than the whole. */
export function atMostWhole(errors: FieldError[], value: unknown, path: string): void {
  if (typeof value !== "string" || !/^[0-9]+%$/.test(value)) return;
  if (Number(value.slice(0, -1)) > 100) errors.push(invalid(path, value, "must not be greater than 100%"));
}

/** The number a value stands for: percentages without their sign. */
export function percentOrNumber(value: unknown): number {
  return typeof value === "string" ? Number.parseInt(value, 10) || 0 : typeof value === "number" ? value : 0;
}

/** Keys of ConfigMaps and Secrets. */
export function configMapKey(value: string): string[] {
  const problems: string[] = [];
  if (byteLength(value) > 253) problems.push("must be no more than 253 characters");
  if (!/^[-._a-zA-Z0-9]+$/.test(value)) {
    problems.push(
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    );
  } else if (value === ".") problems.push("must not be '.'");
  else if (value === "..") problems.push("must not be '..'");
  else if (value.startsWith("..")) problems.push("must not start with '..'");
  return problems;
}

/** Names of environment variables. */
export function environmentName(value: string): string[] {
  if (value === "") return ["environment variable name must be non-empty"];
  return /^[ -<>-~]+$/.test(value)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}
