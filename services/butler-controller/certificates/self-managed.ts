import { isReason } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { KubeClient, ResourceRef } from "@holdfast/runtime/kube/kube-client";
import type { Logger } from "@holdfast/runtime/log/logger";
import { MUTATING_CONFIGURATIONS, SECRETS, VALIDATING_CONFIGURATIONS } from "../resource-refs.ts";
import {
  bundleOf,
  type Certificates,
  certificateSecret,
  readCertificates,
  stateOf,
  takeStep,
} from "./certificate-secret.ts";
import { decideCertificates } from "./decide-certificates.ts";

/** Name of the Secret that replicas share, as the chart of the original names its certificate. */
export const CERTIFICATE_SECRET = "butler-controller-webhook-cert";

export interface SelfManagedParts {
  readonly client: KubeClient;
  readonly namespace: string;
  /** Names and addresses under which the webhooks are called. */
  readonly names: readonly string[];
  /** Name of both webhook configurations. */
  readonly configurationName: string;
  readonly log: Logger;
  readonly now: () => number;
}

const ATTEMPTS = 10;

/**
 * Brings Secret and webhook configurations one or more steps forward and returns what to serve, with the time of the next look.
 *
 * Replicas may run this at once: each step is a compare-and-swap on the Secret, and who loses reads what the winner wrote.
 */
export async function advanceCertificates(
  parts: SelfManagedParts,
): Promise<{ readonly set: Certificates; readonly nextLookMs: number }> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const secret = await parts.client.find<KubeObject>(SECRETS, CERTIFICATE_SECRET, parts.namespace);
    const set = readCertificates(secret);
    const decision = decideCertificates(stateOf(set, parts.names), parts.now());
    if (decision.step === "keep" && set !== undefined) {
      await spreadBundle(parts, bundleOf(set));
      return { set, nextLookMs: decision.nextLookMs };
    }
    if (decision.step === "keep") continue;
    const next = await takeStep(decision.step, set, { now: parts.now(), names: parts.names });
    const version = secret?.metadata.resourceVersion;
    const object = certificateSecret(
      {
        name: CERTIFICATE_SECRET,
        namespace: parts.namespace,
        ...(version === undefined ? {} : { resourceVersion: version }),
      },
      next,
    );
    try {
      if (secret === undefined) await parts.client.create(SECRETS, object);
      else await parts.client.update(SECRETS, object);
      parts.log.info("webhook certificate step taken", { step: decision.step });
    } catch (error) {
      if (!isReason(error, "Conflict") && !isReason(error, "AlreadyExists")) throw error;
    }
  }
  throw new Error(`the Secret ${CERTIFICATE_SECRET} kept changing`);
}

/** Writes the bundle into both configurations where it differs. A configuration that is not installed is nobody's loss. */
export async function spreadBundle(
  parts: Pick<SelfManagedParts, "client" | "configurationName">,
  bundle: string,
): Promise<void> {
  const caBundle = Buffer.from(bundle).toString("base64");
  for (const ref of [VALIDATING_CONFIGURATIONS, MUTATING_CONFIGURATIONS])
    await patchConfiguration(parts.client, ref, parts.configurationName, caBundle);
}

async function patchConfiguration(client: KubeClient, ref: ResourceRef, name: string, caBundle: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await client.find<KubeObject>(ref, name);
    if (found === undefined) return;
    const webhooks = (found["webhooks"] ?? []) as { clientConfig: { caBundle?: string } }[];
    if (webhooks.every((w) => w.clientConfig.caBundle === caBundle)) return;
    for (const webhook of webhooks) webhook.clientConfig.caBundle = caBundle;
    try {
      await client.update(ref, found);
      return;
    } catch (error) {
      if (!isReason(error, "Conflict")) throw error;
    }
  }
}
