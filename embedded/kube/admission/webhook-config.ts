import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { fromLabelSelectorObject, type LabelSelector } from "@holdfast/apimachinery/selectors/label-selector";
import type { Store } from "../store/object-store.ts";

/** admissionregistration.k8s.io/v1 RuleWithOperations */
export interface WebhookRule {
  readonly operations: readonly string[];
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly scope?: "*" | "Cluster" | "Namespaced";
}

export interface ClientConfig {
  readonly url?: string;
  readonly service?: {
    readonly namespace: string;
    readonly name: string;
    readonly path?: string;
    readonly port?: number;
  };
  readonly caBundle?: string;
}

/** One webhook of a configuration, ready to be matched. */
export interface Webhook {
  /** `configuration/webhook`: unique, and the order in which webhooks are called. */
  readonly id: string;
  readonly name: string;
  readonly clientConfig: ClientConfig;
  readonly rules: readonly WebhookRule[];
  readonly failurePolicy: "Fail" | "Ignore";
  readonly matchPolicy: "Exact" | "Equivalent";
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
  readonly sideEffects: string;
  readonly timeoutSeconds: number;
  readonly reviewVersions: readonly string[];
  readonly reinvocationPolicy: "Never" | "IfNeeded";
}

const BUCKETS = {
  mutating: "mutatingwebhookconfigurations.admissionregistration.k8s.io",
  validating: "validatingwebhookconfigurations.admissionregistration.k8s.io",
} as const;

/** The webhooks of all configurations, compiled again only when a configuration changes. */
export class WebhookConfigurations {
  readonly #store: Store;
  readonly #bucket: string;
  #webhooks: readonly Webhook[] | undefined;

  constructor(store: Store, kind: "mutating" | "validating") {
    this.#store = store;
    this.#bucket = BUCKETS[kind];
    store.subscribe(this.#bucket, () => {
      this.#webhooks = undefined;
    });
  }

  get webhooks(): readonly Webhook[] {
    this.#webhooks ??= [...this.#store.bucket(this.#bucket).range("")].flatMap(([, stored]) => compile(stored.object));
    return this.#webhooks;
  }
}

function compile(configuration: KubeObject): Webhook[] {
  const webhooks = (configuration["webhooks"] ?? []) as Record<string, unknown>[];
  return webhooks.map((w) => ({
    id: `${configuration.metadata.name}/${w["name"]}`,
    name: String(w["name"]),
    clientConfig: (w["clientConfig"] ?? {}) as ClientConfig,
    rules: (w["rules"] ?? []) as WebhookRule[],
    failurePolicy: w["failurePolicy"] === "Ignore" ? "Ignore" : "Fail",
    matchPolicy: w["matchPolicy"] === "Exact" ? "Exact" : "Equivalent",
    namespaceSelector: fromLabelSelectorObject((w["namespaceSelector"] ?? {}) as object),
    objectSelector: fromLabelSelectorObject((w["objectSelector"] ?? {}) as object),
    matchConditions: (w["matchConditions"] ?? []) as { name: string; expression: string }[],
    sideEffects: String(w["sideEffects"] ?? "Unknown"),
    timeoutSeconds: typeof w["timeoutSeconds"] === "number" ? w["timeoutSeconds"] : 10,
    reviewVersions: (w["admissionReviewVersions"] ?? []) as string[],
    reinvocationPolicy: w["reinvocationPolicy"] === "IfNeeded" ? "IfNeeded" : "Never",
  }));
}
