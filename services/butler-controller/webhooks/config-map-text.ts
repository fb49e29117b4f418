import { isReason } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { KubeClient } from "@holdfast/runtime/kube/kube-client";
import { CONFIG_MAPS } from "../resource-refs.ts";

/** A text in a ConfigMap that several replicas change. */
export interface SharedText {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
  readonly labels: Readonly<Record<string, string>>;
}

export const ATTEMPTS = 60;

/**
 * Reads the text, lets `change` decide on it and writes what it returns, by compare-and-swap; again from the start when somebody
 * else wrote meanwhile.
 *
 * @param change - gets undefined where nothing is stored; returns the next text, or what the change ends with instead of a write
 * @returns what `change` ended with; "written"; "contended" when others were faster every time
 */
export async function changeSharedText<T extends object>(
  client: KubeClient,
  { namespace, name, key, labels }: SharedText,
  change: (text: string | undefined) => Promise<string | T>,
): Promise<T | "written" | "contended"> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const stored = await client.find<KubeObject>(CONFIG_MAPS, name, namespace);
    const next = await change((stored?.["data"] as Record<string, string> | undefined)?.[key]);
    if (typeof next !== "string") return next;
    const version = stored?.metadata.resourceVersion;
    const object: KubeObject = {
      kind: "ConfigMap",
      apiVersion: "v1",
      metadata: { name, namespace, labels, ...(version === undefined ? {} : { resourceVersion: version }) },
      data: { [key]: next },
    };
    try {
      if (stored === undefined) await client.create(CONFIG_MAPS, object);
      else await client.update(CONFIG_MAPS, object);
      return "written";
    } catch (error) {
      if (!isReason(error, "Conflict") && !isReason(error, "AlreadyExists") && !isReason(error, "NotFound"))
        throw error;
    }
  }
  return "contended";
}
