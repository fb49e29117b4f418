import { isReason } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Logger } from "../log/logger.ts";
import { kubeErrors } from "./errors.ts";
import type { KubeClient, ResourceRef } from "./kube-client.ts";

export interface InformerOptions {
  readonly log: Logger;
  /** Only this namespace; default all. */
  readonly namespace?: string;
  /** Only objects these choose; default all. */
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** A watch that is silent for longer is opened anew: a peer may have gone without a word. Default 2 min (bookmarks come each minute). */
  readonly stallMs?: number;
  /** Whether a resource that is not served counts as an empty one. Default false: it is asked for again. */
  readonly optional?: boolean;
}

export type InformerEvent<T> = {
  readonly type: "added" | "modified" | "deleted";
  readonly object: T;
  readonly old: T | undefined;
};

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 10_000;

/**
 * Keeps a copy of every object of a resource, from a list and a watch that goes on from it, and tells of changes.
 *
 * The copy may lag; it never goes backwards. After any break it lists again and tells what changed meanwhile.
 */
export class Informer<T extends KubeObject> {
  readonly ref: ResourceRef;
  readonly #client: KubeClient;
  readonly #options: InformerOptions;
  readonly #objects = new Map<string, T>();
  readonly #listeners = new Set<(event: InformerEvent<T>) => void>();
  readonly #stop = new AbortController();
  #synced = false;
  #whenSynced: (() => void)[] = [];
  #running: Promise<void> | undefined;

  constructor(client: KubeClient, ref: ResourceRef, options: InformerOptions) {
    this.#client = client;
    this.ref = ref;
    this.#options = options;
  }

  /** Resolves when the copy is complete for the first time. */
  async start(): Promise<void> {
    this.#running ??= this.#run();
    if (this.#synced) return;
    await new Promise<void>((resolve) => this.#whenSynced.push(resolve));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running?.catch(() => undefined);
  }

  get synced(): boolean {
    return this.#synced;
  }

  get(name: string, namespace = ""): T | undefined {
    return this.#objects.get(namespace === "" ? name : `${namespace}/${name}`);
  }

  list(namespace?: string): T[] {
    const all = [...this.#objects.values()];
    return namespace === undefined ? all : all.filter((o) => o.metadata.namespace === namespace);
  }

  /** Called for every object that is there, then for every change. */
  subscribe(listener: (event: InformerEvent<T>) => void): () => void {
    for (const object of this.#objects.values()) listener({ type: "added", object, old: undefined });
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #run(): Promise<void> {
    let delay = FIRST_RETRY_MS;
    while (!this.#stop.signal.aborted) {
      try {
        let version = await this.#relist();
        delay = FIRST_RETRY_MS;
        while (!this.#stop.signal.aborted) version = await this.#follow(version);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (isReason(error, "NotFound") && this.#options.optional === true) this.#markSynced();
        else if (!isReason(error, "Expired") && !isReason(error, "Gone"))
          this.#options.log.debug("watch broke", { resource: this.ref.plural, error });
        await pause(delay * (0.75 + Math.random() / 2), this.#stop.signal);
        delay = Math.min(delay * 2, LAST_RETRY_MS);
      }
    }
  }

  get #selection(): Record<string, string> {
    const { labelSelector, fieldSelector } = this.#options;
    return {
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    };
  }

  async #relist(): Promise<string> {
    const { items, resourceVersion } = await this.#client.list<T>(
      this.ref,
      this.#options.namespace ?? "",
      this.#selection,
    );
    const seen = new Set<string>();
    for (const object of items) {
      seen.add(keyOf(object));
      this.#put(object);
    }
    for (const [key, object] of [...this.#objects]) if (!seen.has(key)) this.#drop(object);
    this.#markSynced();
    return resourceVersion;
  }

  async #follow(from: string): Promise<string> {
    const stallMs = this.#options.stallMs ?? 120_000;
    const attempt = new AbortController();
    const abort = () => attempt.abort();
    this.#stop.signal.addEventListener("abort", abort, { once: true });
    let stalled = false;
    const arm = () =>
      setTimeout(() => {
        stalled = true;
        attempt.abort();
      }, stallMs);
    let timer = arm();
    let version = from;
    try {
      for await (const event of this.#client.watch(
        this.ref,
        this.#options.namespace ?? "",
        { ...this.#selection, resourceVersion: from, timeoutSeconds: "300" },
        attempt.signal,
      )) {
        clearTimeout(timer);
        timer = arm();
        version = event.object.metadata.resourceVersion ?? version;
        if (event.type === "ADDED" || event.type === "MODIFIED") this.#put(event.object as T);
        else if (event.type === "DELETED") this.#drop(event.object as T);
      }
      return version;
    } catch (error) {
      if (stalled)
        throw kubeErrors.create("KUBE_WATCH_STALLED", { path: this.ref.plural, ms: stallMs }, { cause: error });
      throw error;
    } finally {
      clearTimeout(timer);
      this.#stop.signal.removeEventListener("abort", abort);
    }
  }

  #put(object: T): void {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    if (old?.metadata.resourceVersion === object.metadata.resourceVersion && old?.metadata.uid === object.metadata.uid)
      return;
    this.#objects.set(key, object);
    this.#tell({ type: old === undefined ? "added" : "modified", object, old });
  }

  #drop(object: T): void {
    const old = this.#objects.get(keyOf(object));
    if (old === undefined) return;
    this.#objects.delete(keyOf(object));
    this.#tell({ type: "deleted", object, old });
  }

  #tell(event: InformerEvent<T>): void {
    for (const listener of this.#listeners) listener(event);
  }

  #markSynced(): void {
    if (this.#synced) return;
    this.#synced = true;
    for (const resolve of this.#whenSynced.splice(0)) resolve();
  }
}

function keyOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined || namespace === "" ? (name as string) : `${namespace}/${name}`;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
