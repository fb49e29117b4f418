import { randomBytes } from "node:crypto";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Logger } from "../log/logger.ts";
import type { KubeClient, ResourceRef } from "./kube-client.ts";

const EVENTS: ResourceRef = { group: "", version: "v1", plural: "events", kind: "Event" };
/** Of one object and one reason, only one event in this time: a loop must not fill the store. */
const QUIET_MS = 60_000;
const MAX_REMEMBERED = 4096;

/** What an event says. */
export interface Happening {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** Writes events about objects: what people see in `kubectl describe`. Best effort: no event is worth failing for. */
export class EventRecorder {
  readonly #client: KubeClient;
  readonly #options: { readonly component: string; readonly log: Logger; readonly now: () => number };
  readonly #told = new Map<string, number>();

  constructor(
    client: KubeClient,
    options: { readonly component: string; readonly log: Logger; readonly now: () => number },
  ) {
    this.#client = client;
    this.#options = options;
  }

  record(about: KubeObject, happening: Happening): void {
    const { component, log } = this.#options;
    const now = this.#options.now();
    const { namespace, name = "", uid = "", resourceVersion } = about.metadata;
    const key = `${uid}/${happening.reason}/${happening.message}`;
    if (now - (this.#told.get(key) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
    if (this.#told.size >= MAX_REMEMBERED) this.#told.clear();
    this.#told.set(key, now);
    const time = `${new Date(now).toISOString().slice(0, 19)}Z`;
    const where = namespace === undefined || namespace === "" ? "default" : namespace;
    this.#client
      .create(EVENTS, {
        apiVersion: "v1",
        kind: "Event",
        metadata: {
          name: `${name.slice(0, 200)}.${randomBytes(8).toString("hex")}`,
          namespace: where,
        },
        involvedObject: {
          apiVersion: about.apiVersion,
          kind: about.kind,
          name,
          uid,
          ...(namespace === undefined ? {} : { namespace }),
          ...(resourceVersion === undefined ? {} : { resourceVersion }),
        },
        ...happening,
        message: happening.message.slice(0, 1024),
        source: { component },
        reportingComponent: component,
        firstTimestamp: time,
        lastTimestamp: time,
        count: 1,
      } as KubeObject)
      .catch((error: unknown) => log.debug("event was not written", { reason: happening.reason, error }));
  }
}
