import { StatusError } from "@holdfast/apimachinery/meta/status-error";
import { type DeleteOptions, deleteObject } from "./delete.ts";
import type { Caller, KubeContext } from "./kube-context.ts";
import { type Listed, type ListInput, listObjects } from "./read.ts";

/** DELETE of everything a list would show. Objects that go meanwhile by another hand are no error. */
export async function deleteCollection(
  kube: KubeContext,
  { input, options, caller }: { readonly input: ListInput; readonly options: DeleteOptions; readonly caller: Caller },
): Promise<Listed> {
  const listed = listObjects(kube.store, input);
  for (const stored of listed.items) {
    const { metadata } = stored.object;
    try {
      await deleteObject(kube, {
        type: input.type,
        namespace: metadata.namespace ?? "",
        name: metadata.name as string,
        options,
        caller,
      });
    } catch (error) {
      if (!(error instanceof StatusError) || error.status.reason !== "NotFound") throw error;
    }
  }
  return listed;
}
