import { isReason } from "@holdfast/apimachinery/meta/status-error";
import { type KubeObject, type OwnerReference, parseApiVersion } from "@holdfast/apimachinery/meta/types";
import { WorkQueue } from "@holdfast/runtime/kube/work-queue";
import type { Logger } from "@holdfast/runtime/log/logger";
import { SYSTEM } from "../auth/user.ts";
import { deleteObject } from "../operations/delete.ts";
import type { KubeContext } from "../operations/kube-context.ts";
import { type ResourceType, storeKey } from "../resources/resource-type.ts";
import { rewriteStored } from "../store/rewrite.ts";

const CALLER = { user: SYSTEM, userAgent: "kube-controller-manager", warn: () => undefined };

interface Dependent {
  readonly bucket: string;
  readonly key: string;
}

/**
 * Deletes what lost its last owner, orphans or deletes first the dependents of owners that ask for it
 * (https://kubernetes.io/docs/concepts/architecture/garbage-collection/). What admission keeps is tried again.
 *
 * @returns a function that stops it
 */
export function startGarbageCollector(kube: KubeContext, log: Logger): () => Promise<void> {
  const collector = new Collector(kube, log);
  return collector.start();
}

class Collector {
  readonly #kube: KubeContext;
  /** uid of an owner -> who names it. */
  readonly #dependents = new Map<string, Map<string, Dependent>>();
  readonly #queue: WorkQueue;

  constructor(kube: KubeContext, log: Logger) {
    this.#kube = kube;
    this.#queue = new WorkQueue((id) => this.#work(id), { name: "garbage-collector", log, concurrency: 1 });
  }

  start(): () => Promise<void> {
    const { store, registry } = this.#kube;
    const unsubscribe = store.subscribe(undefined, (event) => {
      const at = { bucket: event.bucket, key: keyOf(event.stored.object) };
      this.#index(event.previous?.object, event.type === "DELETED" ? undefined : event.stored.object, at);
      if (event.type === "DELETED") this.#ownerGone(event.stored.object);
      else this.#enqueueWhenDue(event.stored.object, at);
    });
    for (const type of registry.stored()) {
      for (const [key, stored] of store.bucket(type.bucket).range("")) {
        this.#index(undefined, stored.object, { bucket: type.bucket, key });
        this.#enqueueWhenDue(stored.object, { bucket: type.bucket, key });
      }
    }
    return () => {
      unsubscribe();
      return this.#queue.stop();
    };
  }

  #index(before: KubeObject | undefined, after: KubeObject | undefined, at: Dependent): void {
    const id = idOf(at);
    const was = new Set((before?.metadata.ownerReferences ?? []).map((o) => o.uid));
    const is = new Set((after?.metadata.ownerReferences ?? []).map((o) => o.uid));
    for (const uid of was) {
      if (is.has(uid)) continue;
      const set = this.#dependents.get(uid);
      set?.delete(id);
      if (set?.size === 0) this.#dependents.delete(uid);
    }
    for (const uid of is) {
      let set = this.#dependents.get(uid);
      if (set === undefined) {
        set = new Map();
        this.#dependents.set(uid, set);
      }
      set.set(id, at);
    }
  }

  #enqueueWhenDue(object: KubeObject, at: Dependent): void {
    const { metadata } = object;
    const waits =
      metadata.deletionTimestamp !== undefined &&
      (metadata.finalizers ?? []).some((f) => f === "orphan" || f === "foregroundDeletion");
    if (waits || (metadata.ownerReferences ?? []).length > 0) this.#enqueue(at);
  }

  #ownerGone(owner: KubeObject): void {
    for (const dependent of this.#dependents.get(owner.metadata.uid as string)?.values() ?? [])
      this.#enqueue(dependent);
    // A foreground owner may wait for this one.
    for (const reference of owner.metadata.ownerReferences ?? []) {
      const found = this.#find(reference, owner.metadata.namespace ?? "");
      if (found !== undefined && found !== "unknown") this.#enqueue(found.at);
    }
  }

  #enqueue(at: Dependent): void {
    this.#queue.add(idOf(at));
  }

  async #work(id: string): Promise<undefined> {
    const [bucket = "", key = ""] = id.split(" ");
    try {
      await this.#judge({ bucket, key });
    } catch (error) {
      if (!isReason(error, "NotFound")) throw error;
    }
    return undefined;
  }

  async #judge(at: Dependent): Promise<void> {
    const stored = this.#kube.store.latest(at.bucket, at.key);
    if (stored === undefined) return;
    const { metadata } = stored.object;
    if (metadata.deletionTimestamp !== undefined) {
      if (metadata.finalizers?.includes("orphan")) return this.#orphan(stored.object, at);
      if (metadata.finalizers?.includes("foregroundDeletion")) return this.#foreground(stored.object, at);
      return;
    }
    await this.#judgeOwners(stored.object, at);
  }

  /** An object with owners stays while one of them is there, or is being deleted in a way that waits for it no more. */
  async #judgeOwners(object: KubeObject, at: Dependent): Promise<void> {
    const owners = object.metadata.ownerReferences ?? [];
    if (owners.length === 0) return;
    const solid: OwnerReference[] = [];
    const dangling: OwnerReference[] = [];
    let waiting = false;
    for (const reference of owners) {
      const found = this.#find(reference, object.metadata.namespace ?? "");
      if (found === "unknown") solid.push(reference);
      else if (found === undefined) dangling.push(reference);
      else if (
        found.object.metadata.deletionTimestamp !== undefined &&
        found.object.metadata.finalizers?.includes("foregroundDeletion")
      )
        waiting = true;
      else solid.push(reference);
    }
    if (solid.length > 0) {
      if (dangling.length === 0) return;
      await rewriteStored(this.#kube.store, at.bucket, at.key, (live) => ({
        ...live,
        metadata: {
          ...live.metadata,
          ownerReferences: (live.metadata.ownerReferences ?? []).filter((o) => !dangling.some((d) => d.uid === o.uid)),
        },
      }));
      return;
    }
    const hasDependents = waiting && (this.#dependents.get(object.metadata.uid as string)?.size ?? 0) > 0;
    await this.#delete(object, at, hasDependents ? "Foreground" : "Background");
  }

  async #orphan(owner: KubeObject, at: Dependent): Promise<void> {
    for (const dependent of [...(this.#dependents.get(owner.metadata.uid as string)?.values() ?? [])]) {
      await rewriteStored(this.#kube.store, dependent.bucket, dependent.key, (live) => {
        const rest = (live.metadata.ownerReferences ?? []).filter((o) => o.uid !== owner.metadata.uid);
        const { ownerReferences: _gone, ...metadata } = live.metadata;
        return { ...live, metadata: rest.length === 0 ? metadata : { ...metadata, ownerReferences: rest } };
      });
    }
    await this.#dropFinalizer(at, "orphan");
  }

  async #foreground(owner: KubeObject, at: Dependent): Promise<void> {
    const dependents = [...(this.#dependents.get(owner.metadata.uid as string)?.values() ?? [])];
    let blocked = false;
    for (const dependent of dependents) {
      const stored = this.#kube.store.latest(dependent.bucket, dependent.key);
      if (stored === undefined) continue;
      const reference = (stored.object.metadata.ownerReferences ?? []).find((o) => o.uid === owner.metadata.uid);
      if (reference === undefined) continue;
      if (reference.blockOwnerDeletion === true) blocked = true;
      if (stored.object.metadata.deletionTimestamp === undefined) this.#enqueue(dependent);
    }
    if (!blocked) await this.#dropFinalizer(at, "foregroundDeletion");
  }

  async #dropFinalizer(at: Dependent, finalizer: string): Promise<void> {
    await rewriteStored(this.#kube.store, at.bucket, at.key, (live) => {
      const rest = (live.metadata.finalizers ?? []).filter((f) => f !== finalizer);
      if (
        rest.length === 0 &&
        live.metadata.deletionTimestamp !== undefined &&
        (live.metadata.deletionGracePeriodSeconds ?? 0) === 0
      )
        return "delete";
      const { finalizers: _gone, ...metadata } = live.metadata;
      return { ...live, metadata: rest.length === 0 ? metadata : { ...metadata, finalizers: rest } };
    });
  }

  async #delete(object: KubeObject, at: Dependent, propagationPolicy: "Background" | "Foreground"): Promise<void> {
    const type = this.#kube.registry.stored().find((t) => t.bucket === at.bucket);
    if (type === undefined) return;
    await deleteObject(this.#kube, {
      type,
      namespace: object.metadata.namespace ?? "",
      name: object.metadata.name as string,
      options: { dryRun: false, propagationPolicy, preconditions: { uid: object.metadata.uid as string } },
      caller: CALLER,
    });
  }

  /** An owner of a kind nobody serves may exist all the same, and so may one in a namespace that nobody names: what it owns is left alone. */
  #find(reference: OwnerReference, namespace: string): { object: KubeObject; at: Dependent } | "unknown" | undefined {
    const gv = parseApiVersion(reference.apiVersion);
    if (gv === undefined) return "unknown";
    const type =
      this.#kube.registry.findKind(gv.group, gv.version, reference.kind) ?? this.#anyVersion(gv.group, reference.kind);
    if (type === undefined || (type.namespaced && namespace === "")) return "unknown";
    const key = storeKey(type.namespaced ? namespace : "", reference.name);
    const stored = this.#kube.store.latest(type.bucket, key);
    if (stored === undefined || stored.object.metadata.uid !== reference.uid) return undefined;
    return { object: stored.object, at: { bucket: type.bucket, key } };
  }

  #anyVersion(group: string, kind: string): ResourceType | undefined {
    return this.#kube.registry.stored().find((t) => t.group === group && t.kind === kind);
  }
}

/** Neither part can hold a space. */
function idOf({ bucket, key }: Dependent): string {
  return `${bucket} ${key}`;
}

function keyOf(object: KubeObject): string {
  return storeKey(object.metadata.namespace ?? "", object.metadata.name as string);
}
