// What makes a requirement invalid, in the words of the original (k8s.io/apimachinery/pkg/labels).

import type { Requirement } from "./requirement.ts";
import { parseInt64 } from "./requirement.ts";

/** All problems of a requirement in one text; undefined when there is none. */
export function requirementProblem({ key, operator, values }: Requirement): string | undefined {
  const problems: string[] = [];
  const keyProblem = labelKeyProblem(key);
  if (keyProblem !== undefined) problems.push(invalid("key", key, keyProblem));
  const shown = `[${values.map((value) => JSON.stringify(value)).join(",")}]`;
  const problem = countProblem(operator, values.length);
  if (problem !== undefined) problems.push(`values: Invalid value: ${shown}: ${problem}`);
  values.forEach((value, i) => {
    if ((operator === "gt" || operator === "lt") && parseInt64(value) === undefined) {
      problems.push(invalid(`values[${i}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"));
    }
  });
  values.forEach((value, i) => {
    const wrong = labelValueProblem(value);
    if (wrong !== undefined) problems.push(invalid(`values[${i}][${key}]`, value, wrong));
  });
  const texts = [...new Set(problems)];
  return texts.length <= 1 ? texts[0] : `[${texts.join(", ")}]`;
}

function invalid(field: string, value: string, detail: string): string {
  return `${field}: Invalid value: ${JSON.stringify(value)}: ${detail}`;
}

function countProblem(operator: Requirement["operator"], count: number): string | undefined {
  switch (operator) {
    case "in":
    case "notin":
      return count === 0 ? "for 'in', 'notin' operators, values set can't be empty" : undefined;
    case "exists":
    case "!":
      return count === 0 ? undefined : "values set must be empty for exists and does not exist";
    case "gt":
    case "lt":
      return count === 1 ? undefined : "for 'Gt', 'Lt' operators, exactly one value is required";
    default:
      return count === 1 ? undefined : "exact-match compatibility requires one single value";
  }
}

const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const NAME_TEXT =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const PREFIX_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const MAX_NAME_BYTES = 63;
const MAX_PREFIX_BYTES = 253;

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Why a label key is no qualified name, several reasons joined by `; `; undefined when it is one. */
export function labelKeyProblem(key: string): string | undefined {
  const parts = key.split("/");
  const problems: string[] = [];
  if (parts.length > 2) {
    return `a valid label key ${NAME_TEXT} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
  }
  if (parts.length === 2) problems.push(...prefixProblems(parts[0] as string).map((text) => `prefix part ${text}`));
  const name = parts[parts.length - 1] as string;
  if (name === "") problems.push("name part must be non-empty");
  else if (bytesOf(name) > MAX_NAME_BYTES) problems.push("name part must be no more than 63 bytes");
  if (name.length > 4096 || !NAME.test(name)) problems.push(`name part ${NAME_TEXT}`);
  return problems.length === 0 ? undefined : problems.join("; ");
}

function prefixProblems(prefix: string): string[] {
  if (prefix === "") return ["must be non-empty"];
  const problems: string[] = [];
  const bytes = bytesOf(prefix);
  if (bytes > MAX_PREFIX_BYTES) problems.push("must be no more than 253 bytes");
  if (bytes > 4096 || !PREFIX.test(prefix)) problems.push(PREFIX_TEXT);
  return problems;
}

function labelValueProblem(value: string): string | undefined {
  const problems: string[] = [];
  if (bytesOf(value) > MAX_NAME_BYTES) problems.push("must be no more than 63 bytes");
  if (value !== "" && (value.length > 4096 || !NAME.test(value))) problems.push(VALUE_TEXT);
  return problems.length === 0 ? undefined : problems.join("; ");
}
