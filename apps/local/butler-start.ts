import { isReason } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { BUTLER_CONTROLLER_CONFIG } from "@holdfast/butler-controller/config";
import { type ButlerController, createButlerController } from "@holdfast/butler-controller/create-butler-controller";
import type { ClusterProvider } from "@holdfast/butler-controller/providers/cluster-provider";
import { mutatingConfiguration, validatingConfiguration } from "@holdfast/butler-controller/webhooks/configurations";
import { AGGREGATED_CLUSTER_ROLES } from "@holdfast/contracts/butler-api/cluster-roles";
import { BUTLER_CRDS } from "@holdfast/contracts/butler-api/crds";
import { SYSTEM_NAMESPACE } from "@holdfast/contracts/butler-api/names";
import { parseConfig } from "@holdfast/runtime/config/config";
import type { KubeClient, ResourceRef } from "@holdfast/runtime/kube/kube-client";
import type { Logger } from "@holdfast/runtime/log/logger";

const CRDS: ResourceRef = {
  group: "apiextensions.k8s.io",
  version: "v1",
  plural: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
};
const NAMESPACES: ResourceRef = { group: "", version: "v1", plural: "namespaces", kind: "Namespace" };
const CLUSTER_ROLES: ResourceRef = {
  group: "rbac.authorization.k8s.io",
  version: "v1",
  plural: "clusterroles",
  kind: "ClusterRole",
};
const VALIDATING: ResourceRef = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  plural: "validatingwebhookconfigurations",
  kind: "ValidatingWebhookConfiguration",
};
const MUTATING: ResourceRef = {
  ...VALIDATING,
  plural: "mutatingwebhookconfigurations",
  kind: "MutatingWebhookConfiguration",
};

/** Installs Butler's kinds and starts its controller with self-managed certificates on a loopback address of its own. */
export async function startButler(
  client: KubeClient,
  options: { readonly host: string; readonly log: Logger; readonly localProvider?: ClusterProvider },
): Promise<ButlerController> {
  const { host, log, localProvider } = options;
  await Promise.all([
    put(client, NAMESPACES, { kind: "Namespace", apiVersion: "v1", metadata: { name: SYSTEM_NAMESPACE } }),
    ...AGGREGATED_CLUSTER_ROLES.map((role) => put(client, CLUSTER_ROLES, role as unknown as KubeObject)),
    ...BUTLER_CRDS.map((crd) => put(client, CRDS, crd as unknown as KubeObject)),
  ]);
  await untilEstablished(client);
  const { config } = parseConfig("butler-controller", BUTLER_CONTROLLER_CONFIG, {
    argv: [
      "--webhook-certificates=self-managed",
      "--enable-defaulting",
      `--webhook-bind-address=${host}:0`,
      "--health-probe-bind-address=0",
      "--metrics-bind-address=0",
    ],
    env: {},
  });
  const controller = createButlerController(config, {
    connection: client.connection,
    log: log.child({ service: "butler-controller" }),
    webhookNames: [host],
    ...(localProvider === undefined ? {} : { localProvider }),
  });
  try {
    await controller.start();
    await installWebhooks(client, controller, config.webhookConfigurationName);
  } catch (error) {
    await controller.stop();
    throw error;
  }
  return controller;
}

/** Points the API server at the webhooks where they are served now. */
async function installWebhooks(client: KubeClient, controller: ButlerController, name: string): Promise<void> {
  const address = controller.webhookAddress;
  if (address === undefined) throw new Error("the webhooks of butler-controller are not served");
  const target = { url: `https://${address.host}:${address.port}` };
  await put(client, VALIDATING, validatingConfiguration(name, target, controller.webhookBundle));
  await put(client, MUTATING, mutatingConfiguration(name, target, controller.webhookBundle));
}

/** Creates an object, or brings what is there to its form. */
async function put(client: KubeClient, ref: ResourceRef, object: KubeObject): Promise<void> {
  try {
    await client.create(ref, object);
  } catch (error) {
    if (!isReason(error, "AlreadyExists")) throw error;
    for (;;) {
      const found = await client.get<KubeObject>(ref, object.metadata.name as string);
      const next = { ...found, ...object, metadata: { ...found.metadata, ...object.metadata } };
      try {
        await client.update(ref, next);
        return;
      } catch (conflict) {
        if (!isReason(conflict, "Conflict")) throw conflict;
      }
    }
  }
}

const ESTABLISH_TIMEOUT_MS = 10_000;

/** Waits until the API server serves every kind. */
async function untilEstablished(client: KubeClient): Promise<void> {
  const waiting = new Set(BUTLER_CRDS.map((crd) => crd.metadata.name));
  const abort = AbortSignal.timeout(ESTABLISH_TIMEOUT_MS);
  for await (const { object } of client.watch(CRDS, "", { resourceVersion: "0" }, abort)) {
    const conditions = ((object["status"] as { conditions?: { type: string; status: string }[] } | undefined)
      ?.conditions ?? []) as { type: string; status: string }[];
    if (conditions.some((c) => c.type === "Established" && c.status === "True"))
      waiting.delete(object.metadata.name as string);
    if (waiting.size === 0) return;
  }
  throw new Error(`the API server does not serve ${[...waiting].join(", ")} yet`);
}
