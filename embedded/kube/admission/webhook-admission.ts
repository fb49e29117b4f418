import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import { failure, StatusError } from "@holdfast/apimachinery/meta/status-error";
import type { Json, KubeObject } from "@holdfast/apimachinery/meta/types";
import { applyJsonPatch } from "@holdfast/apimachinery/patch/json-patch";
import type { Authorizer } from "../auth/user.ts";
import { toServed } from "../operations/served-version.ts";
import type { ResourceRegistry } from "../resources/resource-registry.ts";
import type { ResourceType } from "../resources/resource-type.ts";
import type { Store } from "../store/object-store.ts";
import type { Admission, AdmissionAttributes } from "./admission.ts";
import { buildReview, callFailure, denial, parseVerdict, type Verdict } from "./admission-review.ts";
import { evaluateMatchConditions } from "./match-conditions.ts";
import type { WebhookClient } from "./webhook-client.ts";
import { type Webhook, WebhookConfigurations } from "./webhook-config.ts";
import { matchWebhook } from "./webhook-match.ts";

export interface WebhookParts {
  readonly store: Store;
  readonly registry: ResourceRegistry;
  readonly client: WebhookClient;
  readonly authorizer: Authorizer;
  uuid(): string;
}

/** Mutating and validating webhooks, https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/ */
export function createWebhookAdmission(parts: WebhookParts): Admission {
  const mutating = new WebhookConfigurations(parts.store, "mutating");
  const validating = new WebhookConfigurations(parts.store, "validating");
  return {
    mutate: async (attributes) => {
      if (mutating.webhooks.length > 0) await mutate(parts, mutating.webhooks, attributes);
    },
    validate: async (attributes) => {
      if (validating.webhooks.length > 0) await validate(parts, validating.webhooks, attributes);
    },
  };
}

/** One after the other, each seeing what the others made of the object; those that ask for it once more if it changed after them. */
async function mutate(
  parts: WebhookParts,
  webhooks: readonly Webhook[],
  attributes: AdmissionAttributes,
): Promise<void> {
  const again: Webhook[] = [];
  for (const webhook of webhooks) {
    const changed = await mutateOnce(parts, webhook, attributes);
    if (changed === "not asked") continue;
    if (changed === "changed")
      for (const earlier of asked(webhooks, webhook))
        if (earlier.reinvocationPolicy === "IfNeeded" && !again.includes(earlier)) again.push(earlier);
  }
  for (const webhook of webhooks.filter((w) => again.includes(w))) await mutateOnce(parts, webhook, attributes);
}

function asked(webhooks: readonly Webhook[], until: Webhook): readonly Webhook[] {
  return webhooks.slice(0, webhooks.indexOf(until));
}

async function mutateOnce(
  parts: WebhookParts,
  webhook: Webhook,
  attributes: AdmissionAttributes,
): Promise<"not asked" | "unchanged" | "changed"> {
  const as = wants(parts, webhook, attributes);
  if (as === undefined) return "not asked";
  const verdict = await ask(parts, webhook, attributes, as, true);
  if (verdict === undefined || verdict.patch === undefined || attributes.object === undefined) return "unchanged";
  const before = attributes.object;
  const seen = as === attributes.type ? before : toServed(as, before);
  let patched: Json;
  try {
    patched = applyJsonPatch(seen as unknown as Json, verdict.patch);
  } catch (error) {
    throw internal(error instanceof Error ? error.message : String(error));
  }
  const next = patched as unknown as KubeObject;
  const served = as === attributes.type ? next : toServed(attributes.type, next);
  if (attributes.objectKind === undefined) settle(attributes.type, served);
  attributes.object = served;
  return jsonEqual(before, served) ? "unchanged" : "changed";
}

/** What a webhook made is decoded like a request: unknown fields go, defaults come. */
function settle(type: ResourceType, object: KubeObject): void {
  try {
    type.behaviour.normalize(object);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    throw internal((error.status.message ?? "").replace(/^.* cannot be handled as an? \w+: /, ""));
  }
  type.behaviour.defaults(object);
}

function internal(why: string): StatusError {
  return failure("InternalError", `Internal error occurred: ${why}`, { status: { causes: [{ message: why }] } });
}

/** All at once; the refusal of the first in order counts. */
async function validate(
  parts: WebhookParts,
  webhooks: readonly Webhook[],
  attributes: AdmissionAttributes,
): Promise<void> {
  const calls: Promise<unknown>[] = [];
  for (const webhook of webhooks) {
    const as = wants(parts, webhook, attributes);
    if (as === undefined) continue;
    calls.push(
      ask(parts, webhook, attributes, as, false).then(
        () => undefined,
        (error: unknown) => error ?? new Error("refused"),
      ),
    );
  }
  if (calls.length === 0) return;
  for (const outcome of await Promise.all(calls)) if (outcome !== undefined) throw outcome;
}

function wants(parts: WebhookParts, webhook: Webhook, attributes: AdmissionAttributes): ResourceType | undefined {
  return matchWebhook(webhook, attributes, {
    registry: parts.registry,
    namespaceLabels: (namespace) => parts.store.bucket("namespaces").get(namespace)?.object.metadata.labels,
  });
}

/** Asks one webhook; undefined when its failure is to be ignored. @throws the denial, or the failure of one that must answer */
async function ask(
  parts: WebhookParts,
  webhook: Webhook,
  attributes: AdmissionAttributes,
  as: ResourceType,
  mutating: boolean,
): Promise<Verdict | undefined> {
  if (webhook.matchConditions.length > 0) {
    const matched = evaluateMatchConditions(webhook, attributes, as, parts.authorizer);
    if (matched === "skip") return undefined;
    if (matched !== "call") {
      if (webhook.failurePolicy === "Ignore") return undefined;
      throw matched;
    }
  }
  if (attributes.dryRun && webhook.sideEffects !== "None" && webhook.sideEffects !== "NoneOnDryRun") {
    throw failure("BadRequest", `admission webhook ${JSON.stringify(webhook.name)} does not support dry run`);
  }
  const uid = parts.uuid();
  const review = buildReview(webhook, attributes, as, uid) as { apiVersion: string };
  let verdict: Verdict;
  try {
    verdict = parseVerdict(await parts.client.post(webhook, JSON.stringify(review)), {
      uid,
      apiVersion: review.apiVersion,
      mutating,
    });
  } catch (error) {
    if (webhook.failurePolicy === "Ignore") return undefined;
    throw callFailure(webhook.name, error instanceof Error ? error.message : String(error));
  }
  for (const warning of verdict.warnings) attributes.warn(warning);
  if (!verdict.allowed) throw denial(webhook.name, verdict.status);
  return verdict;
}
