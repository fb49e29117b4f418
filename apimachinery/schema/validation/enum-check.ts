import { goQuote } from "../../meta/field-error.ts";
import { canonicalText, sortKeys } from "../json-value.ts";
import type { ValidationRun } from "./validation-run.ts";

/** Membership in `enum`. A null is never a member, even of a list that names it. */
export class EnumCheck {
  readonly #scalars = new Set<unknown>();
  readonly #compounds = new Set<string>();
  readonly #detail: string;

  constructor(values: readonly unknown[]) {
    for (const value of values) {
      if (typeof value === "object" && value !== null) this.#compounds.add(canonicalText(value));
      else if (value !== null) this.#scalars.add(value);
    }
    const shown = values.map((value) => goQuote(typeof value === "string" ? value : JSON.stringify(value)));
    this.#detail = `supported values: ${shown.join(", ")}`;
  }

  check(value: unknown, run: ValidationRun): void {
    if (this.#scalars.has(value)) return;
    if (typeof value === "object" && value !== null && this.#compounds.size > 0) {
      if (this.#compounds.has(canonicalText(value))) return;
    }
    run.refuse("FieldValueNotSupported", this.#detail, sortKeys(value));
  }
}
