import { isReason, objectNotFound } from "@holdfast/apimachinery/meta/status-error";
import type { JsonObject, KubeObject } from "@holdfast/apimachinery/meta/types";
import type { UserInfo } from "../../../auth/user.ts";
import { createObject } from "../../../operations/create.ts";
import { type DeleteOptions, deleteObject } from "../../../operations/delete.ts";
import type { Caller, KubeContext, WriteOptions } from "../../../operations/kube-context.ts";
import { updateObject } from "../../../operations/update.ts";
import type { ResourceType } from "../../../resources/resource-type.ts";

const OPTIONS: WriteOptions = { dryRun: false, fieldManager: "", fieldValidation: "Ignore" };

/**
 * How a controller writes: through the same operations as every client, under a name of its own, so that defaults, admission,
 * validation and managed fields are what a separate controller manager would leave behind.
 */
export interface Hand {
  /** Creates an object, which is given away. @throws StatusError whatever the server refuses with */
  create(bucket: string, object: KubeObject): Promise<KubeObject>;
  /**
   * Changes an object on its main endpoint.
   *
   * @param object - which one: name, namespace and uid count, so that a namesake is never touched
   * @param change - gets a copy of the newest state to work on; returns false, before it has changed anything, to leave the object
   *   alone. Called again after a race.
   * @returns the new state; undefined when the object is gone
   */
  change(
    bucket: string,
    object: KubeObject,
    change: (live: KubeObject) => undefined | false,
  ): Promise<KubeObject | undefined>;
  /** {@link change} on the /status endpoint; of the metadata it may change labels and annotations as far as the kind lets it. */
  changeStatus(
    bucket: string,
    object: KubeObject,
    change: (live: KubeObject) => undefined | false,
  ): Promise<KubeObject | undefined>;
  /** Deletes an object. One that is gone, or replaced by a namesake, is no error. @returns false when there was nothing to do */
  remove(
    bucket: string,
    object: KubeObject,
    options?: Omit<DeleteOptions, "dryRun" | "preconditions">,
  ): Promise<boolean>;
}

export interface HandOptions {
  /** Name of the controller: `replicaset-controller`. The user is the ServiceAccount of that name in kube-system. */
  readonly controller: string;
  /** Whose field manager the writes carry. Default `kube-controller-manager`. */
  readonly userAgent?: string;
}

/** Makes the {@link Hand} of one controller. */
export function createHand(
  kube: KubeContext,
  { controller, userAgent = "kube-controller-manager" }: HandOptions,
): Hand {
  const caller: Caller = { user: controllerUser(controller), userAgent, warn: () => undefined };
  const change = async (
    bucket: string,
    object: KubeObject,
    { subresource, apply }: { subresource: "" | "status"; apply: (live: KubeObject) => undefined | false },
  ): Promise<KubeObject | undefined> => {
    const type = typeOf(kube, bucket);
    const name = object.metadata.name as string;
    try {
      const written = await updateObject(kube, {
        type,
        namespace: object.metadata.namespace ?? "",
        name,
        subresource,
        options: OPTIONS,
        caller,
        // As a patch: it is tried again when somebody else was faster.
        optionsKind: "PatchOptions",
        managesFields: false,
        mayCreate: false,
        transform(live) {
          if (live === undefined || live.metadata.uid !== object.metadata.uid)
            throw objectNotFound({ group: type.group, resource: type.plural }, name);
          if (apply(live) === false) return live;
          // What a controller puts in may be shared with stored states, which nobody may write to.
          const next = structuredClone(live);
          type.behaviour.normalize(next, []);
          type.behaviour.defaults(next);
          return next;
        },
      });
      return written.object;
    } catch (error) {
      if (isReason(error, "NotFound")) return undefined;
      throw error;
    }
  };
  return {
    async create(bucket, object) {
      const type = typeOf(kube, bucket);
      const written = await createObject(kube, {
        type,
        namespace: object.metadata.namespace ?? "",
        body: { value: object as unknown as JsonObject, duplicates: [], summary: () => ({ text: "", head: "" }) },
        options: OPTIONS,
        caller,
      });
      return written.object;
    },
    change: (bucket, object, apply) => change(bucket, object, { subresource: "", apply }),
    changeStatus: (bucket, object, apply) => change(bucket, object, { subresource: "status", apply }),
    async remove(bucket, object, options = {}) {
      try {
        await deleteObject(kube, {
          type: typeOf(kube, bucket),
          namespace: object.metadata.namespace ?? "",
          name: object.metadata.name as string,
          options: { ...options, dryRun: false, preconditions: { uid: object.metadata.uid as string } },
          caller,
        });
        return true;
      } catch (error) {
        // A conflict is a namesake: the object that was meant is gone.
        if (isReason(error, "NotFound") || isReason(error, "Conflict")) return false;
        throw error;
      }
    },
  };
}

function controllerUser(controller: string): UserInfo {
  return {
    username: `system:serviceaccount:kube-system:${controller}`,
    groups: ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"],
  };
}

function typeOf(kube: KubeContext, bucket: string): ResourceType {
  const dot = bucket.indexOf(".");
  const [plural, group] = dot < 0 ? [bucket, ""] : [bucket.slice(0, dot), bucket.slice(dot + 1)];
  const type = kube.registry.findAnyVersion(group, plural);
  if (type === undefined) throw new TypeError(`Cannot act on ${bucket}: no such resource is served`);
  return type;
}
