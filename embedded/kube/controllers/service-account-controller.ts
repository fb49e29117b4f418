import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import { WorkQueue } from "@holdfast/runtime/kube/work-queue";
import type { Logger } from "@holdfast/runtime/log/logger";
import type { KubeContext } from "../operations/kube-context.ts";
import { rewriteStored } from "../store/rewrite.ts";
import { createInternal } from "./create-internal.ts";

/**
 * Gives every namespace its `default` ServiceAccount and the ConfigMap `kube-root-ca.crt`, and puts back what is deleted or changed.
 *
 * @param caCert - PEM of the authority that signed the server's certificate
 * @returns a function that stops it
 */
export function startServiceAccountController(kube: KubeContext, caCert: string, log: Logger): () => Promise<void> {
  const furnish = async (namespace: string) => {
    const found = kube.store.latest("namespaces", namespace);
    if (found === undefined || found.object.metadata.deletionTimestamp !== undefined) return undefined;
    await createInternal(kube, "serviceaccounts", {
      kind: "ServiceAccount",
      apiVersion: "v1",
      metadata: { name: "default", namespace },
    });
    await createInternal(kube, "configmaps", {
      kind: "ConfigMap",
      apiVersion: "v1",
      metadata: {
        name: "kube-root-ca.crt",
        namespace,
        annotations: {
          "kubernetes.io/description":
            "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
        },
      },
      data: { "ca.crt": caCert },
    });
    await rewriteStored(kube.store, "configmaps", `${namespace}/kube-root-ca.crt`, (object) =>
      jsonEqual(object["data"], { "ca.crt": caCert }) ? undefined : { ...object, data: { "ca.crt": caCert } },
    );
    return undefined;
  };
  const queue = new WorkQueue(furnish, { name: "service-account", log });
  const stops = [
    kube.store.subscribe("namespaces", (event) => {
      if (event.type === "ADDED") queue.add(event.stored.object.metadata.name as string);
    }),
    ...["serviceaccounts", "configmaps"].map((bucket) =>
      kube.store.subscribe(bucket, (event) => {
        const { name, namespace } = event.stored.object.metadata;
        const restored = event.type === "DELETED" || (event.type === "MODIFIED" && bucket === "configmaps");
        if (restored && (name === "default" || name === "kube-root-ca.crt")) queue.add(namespace as string);
      }),
    ),
  ];
  for (const [name] of kube.store.bucket("namespaces").range("")) queue.add(name);
  return () => {
    for (const stop of stops) stop();
    return queue.stop();
  };
}
