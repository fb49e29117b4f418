// Label selectors: the grammar of the query parameter and the object form.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors

import { badRequest } from "../meta/status-error.ts";
import { parseRequirements } from "./label-selector-parser.ts";
import { matchesRequirement, type Operator, type Requirement } from "./requirement.ts";
import { requirementProblem } from "./requirement-problem.ts";

/** metav1.LabelSelector */
export interface LabelSelectorObject {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

/** Requirements that all must hold. Immutable. */
export class LabelSelector {
  /** In order of their keys. */
  readonly requirements: readonly Requirement[];
  readonly #matchesNothing: boolean;

  constructor(requirements: readonly Requirement[], matchesNothing = false) {
    this.requirements = requirements;
    this.#matchesNothing = matchesNothing;
  }

  /** Matches everything. */
  get isEmpty(): boolean {
    return this.requirements.length === 0 && !this.#matchesNothing;
  }

  matches(labels: Readonly<Record<string, string>>): boolean {
    if (this.#matchesNothing) return false;
    for (const requirement of this.requirements) if (!matchesRequirement(requirement, labels)) return false;
    return true;
  }
}

/**
 * Reads the text form: `env in (prod,test),tier!=back,!legacy`. An empty text selects everything.
 *
 * @throws {StatusError} 400 with the original's words
 */
export function parseLabelSelector(text: string): LabelSelector {
  const outcome = parseRequirements(text);
  if (typeof outcome === "string") throw badRequest(outcome);
  return new LabelSelector(outcome);
}

const OPERATORS: Readonly<Record<string, Operator>> = {
  In: "in",
  NotIn: "notin",
  Exists: "exists",
  DoesNotExist: "!",
};

/**
 * Reads the object form. No selector (undefined, null) selects nothing, an empty one everything.
 *
 * @throws {StatusError} 400 with the original's words
 */
export function fromLabelSelectorObject(selector: LabelSelectorObject | undefined | null): LabelSelector {
  if (selector === undefined || selector === null) return new LabelSelector([], true);
  const requirements: Requirement[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    requirements.push(checked({ key, operator: "=", values: [value] }));
  }
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const known = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
    if (known === undefined) throw badRequest(`${JSON.stringify(operator)} is not a valid label selector operator`);
    requirements.push(checked({ key, operator: known, values: values ?? [] }));
  }
  return new LabelSelector(requirements);
}

function checked(requirement: Requirement): Requirement {
  const problem = requirementProblem(requirement);
  if (problem !== undefined) throw badRequest(problem);
  return requirement;
}
