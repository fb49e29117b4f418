// Field selectors. https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/

import { badRequest } from "../meta/status-error.ts";

export interface FieldTerm {
  readonly field: string;
  readonly operator: "=" | "!=";
  readonly value: string;
}

/** Terms that all must hold. Immutable. */
export class FieldSelector {
  /** In the order of their texts. */
  readonly terms: readonly FieldTerm[];

  constructor(terms: readonly FieldTerm[]) {
    this.terms = terms;
  }

  /** Matches everything. */
  get isEmpty(): boolean {
    return this.terms.length === 0;
  }

  /** A field that `values` does not have counts as empty. */
  matches(values: Readonly<Record<string, string>>): boolean {
    for (const { field, operator, value } of this.terms) {
      const present = Object.hasOwn(values, field) ? (values[field] ?? "") : "";
      if ((present === value) !== (operator === "=")) return false;
    }
    return true;
  }

  /** The value that a field must have; undefined when several may do. */
  exactValue(field: string): string | undefined {
    return this.terms.find((term) => term.field === field && term.operator === "=")?.value;
  }
}

/**
 * Reads `metadata.name=a,spec.nodeName!=b`. In values `\` escapes itself, `,` and `=`. An empty text selects everything.
 *
 * @throws {StatusError} 400 with the original's words
 */
export function parseFieldSelector(text: string): FieldSelector {
  const terms: FieldTerm[] = [];
  for (const part of splitTerms(text).sort()) {
    if (part === "") continue;
    const split = /^(.*?)(!=|==|=)(.*)$/s.exec(part);
    if (split === null) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    const [, field = "", operator, escaped = ""] = split;
    const value = unescapeValue(escaped);
    // A term about nothing says nothing.
    if (field !== "" || value !== "") terms.push({ field, operator: operator === "!=" ? "!=" : "=", value });
  }
  return new FieldSelector(terms);
}

function splitTerms(text: string): string[] {
  if (text === "") return [];
  const terms: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === ",") {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function unescapeValue(escaped: string): string {
  let value = "";
  const characters = [...escaped];
  for (let i = 0; i < characters.length; i++) {
    const c = characters[i] as string;
    if (c === "," || c === "=") {
      throw badRequest(`invalid field selector: unescaped character in value: ${c.codePointAt(0)}`);
    }
    if (c !== "\\") {
      value += c;
      continue;
    }
    const next = characters[++i] ?? "";
    if (next !== "\\" && next !== "," && next !== "=") {
      throw badRequest(`invalid field selector: invalid escape sequence: \\${next}`);
    }
    value += next;
  }
  return value;
}

/**
 * How a kind words its refusal: `label` as kinds with fields of their own and custom resources do (`field label not supported:
 * x`), `name` as all other built-in kinds do (`"x" is not a known field selector: only "metadata.name", "metadata.namespace"`).
 */
export type Refusal = "label" | "name";

const EVERYWHERE = ["metadata.name", "metadata.namespace"];

/**
 * Why a kind cannot be selected by these fields; undefined when it can.
 *
 * @param names - the fields of the kind beside metadata.name and metadata.namespace, which every kind has
 * @param refusal - default: `label` for a kind with fields of its own, else `name`
 */
export function checkSupportedFields(
  selector: FieldSelector,
  names: readonly string[],
  refusal: Refusal = names.some((name) => !EVERYWHERE.includes(name)) ? "label" : "name",
): string | undefined {
  for (const { field } of selector.terms) {
    if (EVERYWHERE.includes(field) || names.includes(field)) continue;
    if (refusal === "label") return `field label not supported: ${field}`;
    return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
  }
  return undefined;
}
