import { compileAdmissionExpression } from "@holdfast/apimachinery/cel/admission-expressions";
import { failure, type StatusError } from "@holdfast/apimachinery/meta/status-error";
import type { Authorizer } from "../auth/user.ts";
import type { ResourceType } from "../resources/resource-type.ts";
import type { AdmissionAttributes } from "./admission.ts";
import { buildReview } from "./admission-review.ts";
import type { Webhook } from "./webhook-config.ts";

type Compiled = ReturnType<typeof compileAdmissionExpression>;
const compiled = new WeakMap<Webhook, readonly Compiled[]>();

/**
 * All conditions must hold for the webhook to be called; one that is false skips it, whatever the others do.
 *
 * @returns the refusal when a condition fails to evaluate and none is false
 */
export function evaluateMatchConditions(
  webhook: Webhook,
  attributes: AdmissionAttributes,
  as: ResourceType,
  authorizer: Authorizer,
): "call" | "skip" | StatusError {
  let programs = compiled.get(webhook);
  if (programs === undefined) {
    programs = webhook.matchConditions.map((c) => compileAdmissionExpression(c.expression));
    compiled.set(webhook, programs);
  }
  const { request } = buildReview(webhook, attributes, as, "") as { request: Record<string, unknown> };
  const errors: string[] = [];
  for (const [i, program] of programs.entries()) {
    const expression = webhook.matchConditions[i]?.expression;
    if ("error" in program) {
      errors.push(`expression '${expression}' compilation error: ${program.error}`);
      continue;
    }
    const outcome = program.program.evaluate({
      object: attributes.object ?? null,
      oldObject: attributes.oldObject ?? null,
      request,
      user: attributes.user,
      authorize: (asked) => authorizer.authorize({ ...asked, user: asked.user ?? attributes.user }),
    });
    if ("error" in outcome) errors.push(`expression '${expression}' resulted in error: ${outcome.error}`);
    else if (outcome.value !== true) return "skip";
  }
  if (errors.length === 0) return "call";
  return failure(
    "Forbidden",
    `${attributes.type.plural} ${JSON.stringify(attributes.name)} is forbidden: ${errors.join(", ")}`,
    {
      status: {
        name: attributes.name,
        ...(attributes.type.group === "" ? {} : { group: attributes.type.group }),
        kind: attributes.type.plural,
      },
    },
  );
}
