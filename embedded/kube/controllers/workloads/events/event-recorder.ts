import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Logger } from "@holdfast/runtime/log/logger";
import { type KubeContext, timestamp } from "../../../operations/kube-context.ts";
import { createHand } from "../acting/hand.ts";
import { isNamespaceLeaving, messageOf } from "../acting/reasons.ts";
import { EventBudget } from "./event-budget.ts";

/** Says in core/v1 Events what a controller did. Nobody waits for an event, and none is worth an error. */
export interface EventRecorder {
  /**
   * @param about - the object that the event concerns
   * @param reason - one word in CamelCase: `SuccessfulCreate`
   */
  normal(about: KubeObject, reason: string, message: string): void;
  warning(about: KubeObject, reason: string, message: string): void;
  /** Waits for the events that are being written. */
  settle(): Promise<void>;
}

const MAX_REMEMBERED = 4096;
const MAX_UNDER_WAY = 1000;
const MAX_MESSAGE = 1024;

interface Written {
  readonly event: KubeObject;
  readonly count: number;
}

/** @param component - who speaks: `replicaset-controller` */
export function createEventRecorder(kube: KubeContext, log: Logger, component: string): EventRecorder {
  const hand = createHand(kube, {
    controller: component,
    userAgent: component === "default-scheduler" ? "kube-scheduler" : "kube-controller-manager",
  });
  const budget = new EventBudget();
  const remembered = new Map<string, Written>();
  const underWay = new Set<Promise<void>>();
  const writing = new Map<string, Promise<void>>();

  const record = (about: KubeObject, type: string, reason: string, message: string) => {
    if (underWay.size >= MAX_UNDER_WAY || !budget.take(about.metadata.uid ?? "", kube.now())) return;
    const key = [about.metadata.uid, type, reason, message].join("\n");
    // One after the other for what is said twice: the second counts up the event of the first.
    const written = (writing.get(key) ?? Promise.resolve())
      .then(() =>
        write(key, newEvent(kube, component, { about, type, reason, message: message.slice(0, MAX_MESSAGE) })),
      )
      .catch((error: unknown) => {
        if (!isNamespaceLeaving(error)) log.debug("event not written", { component, reason, why: messageOf(error) });
      })
      .finally(() => {
        underWay.delete(written);
        if (writing.get(key) === written) writing.delete(key);
      });
    underWay.add(written);
    writing.set(key, written);
  };

  const write = async (key: string, event: KubeObject) => {
    const before = remembered.get(key);
    remembered.delete(key);
    const count = (before?.count ?? 0) + 1;
    const repeated =
      before === undefined
        ? undefined
        : await hand.change("events", before.event, (live) => {
            live["count"] = count;
            live["lastTimestamp"] = event["lastTimestamp"];
            return undefined;
          });
    const next =
      repeated === undefined ? { event: await hand.create("events", event), count: 1 } : { event: repeated, count };
    remembered.set(key, next);
    if (remembered.size > MAX_REMEMBERED) {
      const [oldest] = remembered.keys();
      remembered.delete(oldest as string);
    }
  };

  return {
    normal: (about, reason, message) => record(about, "Normal", reason, message),
    warning: (about, reason, message) => record(about, "Warning", reason, message),
    async settle() {
      await Promise.all(underWay);
    },
  };
}

interface Said {
  readonly about: KubeObject;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

function newEvent(kube: KubeContext, component: string, { about, type, reason, message }: Said): KubeObject {
  const { name = "", namespace, uid = "", resourceVersion = "" } = about.metadata;
  const now = timestamp(kube.now());
  const suffix = kube.uuid().replaceAll("-", "").slice(0, 16);
  return {
    kind: "Event",
    apiVersion: "v1",
    metadata: { name: `${name}.${suffix}`, namespace: namespace ?? "default" },
    involvedObject: {
      kind: about.kind,
      apiVersion: about.apiVersion,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid,
      resourceVersion,
    },
    reason,
    message,
    source: { component },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
    type,
    eventTime: null,
    reportingComponent: component,
    reportingInstance: "",
  };
}
