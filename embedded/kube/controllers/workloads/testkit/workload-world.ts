// A real API server with the workload controllers, and a hand that plays the kubelet.
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { SILENT } from "@holdfast/runtime/log/logger";
import { createKube, type Kube } from "../../../create-kube.ts";
import type { StoreEvent } from "../../../store/object-store.ts";
import { createHand, type Hand } from "../acting/hand.ts";
import type { Pod } from "../acting/object-types.ts";

const DEADLINE_MS = 20_000;

/** A cluster in this process. */
export interface World {
  readonly kube: Kube;
  /** Writes as a client would. */
  readonly hand: Hand;
  /** The object of that key; undefined when there is none. */
  get<T extends KubeObject>(bucket: string, key: string): T | undefined;
  list<T extends KubeObject>(bucket: string, labels?: Readonly<Record<string, string>>): T[];
  /** Resolves with what `look` returns once it returns something; it is asked after every change of the store. */
  until<T>(what: string, look: () => T | undefined | false): Promise<T>;
  /** Sets members of an object's spec (and labels, annotations) or status. */
  patch(bucket: string, key: string, spec: Readonly<Record<string, unknown>>): Promise<void>;
  addNode(name: string, labels?: Readonly<Record<string, string>>): Promise<void>;
  /** Says as the kubelet that the pod is in that phase; Running is ready too. */
  phase(pod: Pod, phase: string, more?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Runs every pod that has a node from now on, and lets go of those that are being deleted. */
  runPods(): () => void;
  stop(): Promise<void>;
}

export interface WorldOptions {
  /** Replaces the server's clock. */
  readonly now?: () => number;
  /** False leaves the workload controllers to the test. Default true. */
  readonly withControllers?: boolean;
}

/** Starts a {@link World}. */
export async function startWorld({ withControllers = true, ...options }: WorldOptions = {}): Promise<World> {
  const kube = await createKube({ log: SILENT, workloads: withControllers, ...options });
  const { store } = kube.context;
  const hand = createHand(kube.context, { controller: "tester", userAgent: "kubectl" });
  const kubelets = new Set<() => void>();
  const world: World = {
    kube,
    hand,
    get: <T extends KubeObject>(bucket: string, key: string) => store.bucket(bucket).get(key)?.object as T | undefined,
    list: <T extends KubeObject>(bucket: string, labels: Readonly<Record<string, string>> = {}) =>
      [...store.bucket(bucket).range("")]
        .map(([, stored]) => stored.object as T)
        .filter((object) => Object.entries(labels).every(([key, value]) => object.metadata.labels?.[key] === value)),
    until: (what, look) => until(kube, what, look),
    async patch(bucket, key, spec) {
      const object = store.latest(bucket, key)?.object as KubeObject;
      await hand.change(bucket, object, (live) => {
        live["spec"] = { ...(live["spec"] as object), ...spec };
        return undefined;
      });
    },
    async addNode(name, labels = {}) {
      const node = await hand.create("nodes", {
        kind: "Node",
        apiVersion: "v1",
        metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } },
      });
      await hand.changeStatus("nodes", node, (live) => {
        live["status"] = { conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", message: "" }] };
        return undefined;
      });
    },
    async phase(pod, phase, more = {}) {
      const now = new Date(kube.context.now()).toISOString().replace(/\.\d+/, "");
      await hand.changeStatus("pods", pod, (live) => {
        const status = live["status"] as { conditions?: { type: string }[] };
        const others = (status.conditions ?? []).filter((condition) => condition.type !== "Ready");
        const ready = { type: "Ready", status: phase === "Running" ? "True" : "False", lastTransitionTime: now };
        live["status"] = { ...status, phase, conditions: [...others, ready], ...more };
        return undefined;
      });
    },
    runPods() {
      let count = 0;
      const serve = (pod: Pod) => {
        if ((pod.spec.nodeName ?? "") === "") return;
        if (pod.metadata.deletionTimestamp !== undefined) {
          void hand.remove("pods", pod, { gracePeriodSeconds: 0 });
        } else if (pod.status?.phase === "Pending") {
          const podIP = `10.1.${++count >> 8}.${count & 255}`;
          void world.phase(pod, "Running", { podIP, podIPs: [{ ip: podIP }] });
        }
      };
      const stop = store.subscribe("pods", (event: StoreEvent) => {
        if (event.type !== "DELETED") queueMicrotask(() => serve(event.stored.object as Pod));
      });
      for (const pod of world.list<Pod>("pods")) serve(pod);
      kubelets.add(stop);
      return stop;
    },
    async stop() {
      for (const stop of kubelets) stop();
      await kube.stop();
    },
  };
  return world;
}

function until<T>(kube: Kube, what: string, look: () => T | undefined | false): Promise<T> {
  const { store } = kube.context;
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      stop();
    };
    const check = () => {
      const found = look();
      if (found === undefined || found === false) return;
      end();
      resolve(found);
    };
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`${what} did not come about in ${DEADLINE_MS} ms`));
    }, DEADLINE_MS);
    const stop = store.subscribe(undefined, () => {
      try {
        check();
      } catch (error) {
        end();
        reject(error);
      }
    });
    check();
  });
}
