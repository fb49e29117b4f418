// The state of one validation: where it stands in the value, and what it has found.

import type { FieldError } from "../../meta/field-error.ts";
import { goQuote } from "../../meta/field-error.ts";
import { MAX_DEPTH } from "../depth-limit.ts";

/** After so many findings a validation stops; nobody reads more, and a hostile body could make millions. */
export const MAX_FINDINGS = 10_000;

/** Thrown to end a validation early, caught where it began. */
export class StopValidation extends Error {}

export class ValidationRun {
  errors: FieldError[] = [];
  readonly #prefix: string;
  readonly #segments: (string | number)[] = [];
  /** The root describes a map: paths then begin with a dot, as the original's do. */
  readonly #rootIsMap: boolean;

  /**
   * @param prefix - path of the whole value, `""` at the root of an object.
   */
  constructor(prefix: string, rootIsMap: boolean) {
    this.#prefix = prefix;
    this.#rootIsMap = rootIsMap;
  }

  enter(segment: string | number): void {
    if (this.#segments.push(segment) > MAX_DEPTH) {
      this.errors.push({
        type: "FieldValueInvalid",
        field: this.#prefix === "" ? "<nil>" : this.#prefix,
        value: "",
        detail: `must not be nested deeper than ${MAX_DEPTH} levels`,
      });
      throw new StopValidation();
    }
  }

  leave(): void {
    this.#segments.pop();
  }

  /** apiVersion and kind of a whole object, which never count as unchanged: they were converted. Asked about a member. */
  isTypeMeta(key: string): boolean {
    return this.#segments.length === 1 && (key === "apiVersion" || key === "kind");
  }

  /** The path within the validated value, as texts name it: `spec.list[0].x`, `""` at its root. */
  name(): string {
    let name = "";
    for (const segment of this.#segments) {
      if (typeof segment === "number") name += `[${segment}]`;
      else if (name === "" && !this.#rootIsMap) name = segment;
      else name += `.${segment}`;
    }
    return name;
  }

  /** The path as causes name it. */
  field(name: string): string {
    const inner = name.startsWith(".") ? name.slice(1) : name;
    if (inner === "") return this.#prefix === "" ? "<nil>" : this.#prefix;
    return this.#prefix === "" ? inner : `${this.#prefix}.${inner}`;
  }

  add(error: FieldError): void {
    this.errors.push(error);
    if (this.errors.length >= MAX_FINDINGS) throw new StopValidation();
  }

  /** `name in body <complaint>` about the value at the current path. */
  complain(value: unknown, complaint: string): void {
    const name = this.name();
    this.add({ type: "FieldValueInvalid", field: this.field(name), value, detail: `${name} in body ${complaint}` });
  }

  /** A value of another type than declared; `found` is the name of its own. */
  wrongType(expected: string, found: string): void {
    const name = this.name();
    this.add({
      type: "FieldValueTypeInvalid",
      field: this.field(name),
      value: found,
      detail: `${name} in body must be of type ${expected}: ${goQuote(found)}`,
    });
  }

  /** A finding of that kind at the current path whose text does not name the path. */
  refuse(type: FieldError["type"], detail: string, value?: unknown): void {
    const field = this.field(this.name());
    this.add(value === undefined ? { type, field, detail } : { type, field, detail, value });
  }

  /** A finding that the original reports without a path: the text names it. */
  pathless(detail: string): void {
    this.add({ type: "FieldValueInvalid", field: this.field(""), value: "", detail });
  }
}

/** Each finding once: several branches may have reached the same. */
export function withoutRepetition(errors: readonly FieldError[]): FieldError[] {
  if (errors.length < 2) return [...errors];
  const seen = new Set<string>();
  return errors.filter((error) => {
    const key = `${error.type}\0${error.field}\0${error.detail}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
