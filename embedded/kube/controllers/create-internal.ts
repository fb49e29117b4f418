import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { type KubeContext, timestamp } from "../operations/kube-context.ts";

/** Stores an object by the server's own hand, unless one of that key is there. Defaults of built-in kinds must be in `object`. */
export async function createInternal(kube: KubeContext, bucket: string, object: KubeObject): Promise<boolean> {
  const { namespace, name } = object.metadata;
  const key = namespace === undefined ? (name as string) : `${namespace}/${name}`;
  if (kube.store.latest(bucket, key) !== undefined) return false;
  const next: KubeObject = {
    ...object,
    metadata: { ...object.metadata, uid: kube.uuid(), creationTimestamp: timestamp(kube.now()) },
  };
  const committed = await kube.store.commit({ bucket, key, next, expected: undefined });
  return committed.ok;
}
