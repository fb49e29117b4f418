import { aggregateText, type FieldError } from "@holdfast/apimachinery/meta/field-error";
import type { RefusalCode } from "./refusal-codes.ts";

/** Something the caller of a decision must do because a validating webhook cannot: it may not change the object. */
export interface FollowUp {
  readonly kind: "remove-annotation";
  readonly key: string;
  /** After the object is stored: before, the very permission would be gone when it is judged. */
  readonly when: "after-storage";
}

/** The request may pass. */
export interface Allowed {
  readonly allowed: true;
  /** Sentences kubectl shows as `Warning: …`. */
  readonly warnings: readonly string[];
  readonly mutate: readonly FollowUp[];
}

/** The request is refused, with HTTP 403. */
export interface Denied {
  readonly allowed: false;
  readonly code: RefusalCode;
  /** What the client reads after `denied the request: `. */
  readonly message: string;
  /** Path of the first offending field, where the rule speaks of one. */
  readonly field?: string;
  /** One entry a broken rule; empty for rules that speak in plain sentences. */
  readonly causes: readonly FieldError[];
  readonly warnings: readonly string[];
}

/** The outcome of an admission decision. */
export type Decision = Allowed | Denied;

/** A broken rule: its code and the field error it is told as. */
export interface Finding {
  readonly code: RefusalCode;
  readonly error: FieldError;
}

/** Lets the request pass. */
export function allow(warnings: readonly string[] = [], mutate: readonly FollowUp[] = []): Allowed {
  return { allowed: true, warnings, mutate };
}

/** Refuses with a plain sentence. */
export function refuse(code: RefusalCode, message: string, field?: string): Denied {
  const denied = { allowed: false, code, message, causes: [], warnings: [] } as const;
  return field === undefined ? denied : { ...denied, field };
}

/** Refuses with field errors: one as `path: text`, several as `[a, b]`. At least one finding is expected. */
export function refuseFindings(findings: readonly Finding[], warnings: readonly string[] = []): Denied {
  const first = findings[0];
  if (first === undefined) throw new TypeError("Cannot refuse: no finding was given");
  const causes = findings.map((finding) => finding.error);
  return {
    allowed: false,
    code: first.code,
    message: aggregateText(causes),
    field: first.error.field,
    causes,
    warnings,
  };
}

/** Allows without findings, refuses with them. */
export function decideBy(
  findings: readonly Finding[],
  warnings: readonly string[] = [],
  mutate: readonly FollowUp[] = [],
): Decision {
  return findings.length === 0 ? allow(warnings, mutate) : refuseFindings(findings, warnings);
}
