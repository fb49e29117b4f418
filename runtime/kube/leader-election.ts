// Leader election with a Lease, as client-go does it: https://kubernetes.io/docs/concepts/architecture/leases/

import { randomUUID } from "node:crypto";
import { isReason } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Logger } from "../log/logger.ts";
import type { KubeClient, ResourceRef } from "./kube-client.ts";

const LEASES: ResourceRef = { group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease" };

export interface LeaderElectionOptions {
  readonly name: string;
  readonly namespace: string;
  readonly log: Logger;
  readonly now: () => number;
  readonly onLead: () => void;
  /** Must stop all work before it resolves: another may lead right after. */
  readonly onLose: () => Promise<void>;
  /** How long a lease holds without being renewed. Default 15 s. */
  readonly leaseMs?: number;
  /** How long a leader tries to renew before it gives up. Default 10 s. */
  readonly renewMs?: number;
  /** Default 2 s. */
  readonly retryMs?: number;
  readonly identity?: string;
}

interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

/** One candidate. It leads from onLead to onLose; at most one candidate of a lease leads at a time. */
export class LeaderElection {
  readonly #client: KubeClient;
  readonly #options: LeaderElectionOptions;
  readonly #identity: string;
  #leading = false;
  #renewedAt = 0;
  /** The foreign lease as last seen, and when it was first seen so: clocks of other machines are not trusted. */
  #seen = { mark: "", at: 0 };
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(client: KubeClient, options: LeaderElectionOptions) {
    this.#client = client;
    this.#options = options;
    this.#identity = options.identity ?? `${process.pid}_${randomUUID()}`;
  }

  get leading(): boolean {
    return this.#leading;
  }

  start(): void {
    this.#turn = this.#tick();
  }

  /** Gives the lease back, so that another need not wait for it to run out. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#turn;
    if (!this.#leading) return;
    await this.#lose();
    await this.#release().catch((error: unknown) => this.#options.log.debug("lease was not given back", { error }));
  }

  async #tick(): Promise<void> {
    const { now, log, renewMs = 10_000, retryMs = 2000 } = this.#options;
    const started = now();
    try {
      const held = await this.#inTime(this.#acquire(), renewMs);
      if (held === "late") {
        log.warn("lease could not be renewed in time", { lease: this.#options.name, renewMs });
        await this.#lose();
      } else if (held) {
        // The lease counts from before it was asked for.
        this.#renewedAt = started;
        if (!this.#leading && !this.#stopped) {
          this.#leading = true;
          log.info("leading", { lease: this.#options.name });
          this.#options.onLead();
        }
      } else if (this.#leading) await this.#lose();
    } catch (error) {
      log.debug("lease could not be renewed", { error });
      if (this.#leading && now() - this.#renewedAt > renewMs) await this.#lose();
    }
    if (this.#stopped) return;
    this.#timer = setTimeout(
      () => {
        this.#turn = this.#tick();
      },
      retryMs * (0.8 + Math.random() * 0.4),
    );
    this.#timer.unref();
  }

  /** The outcome; for a leader "late" when it has to give up before it is there: a server that hangs must not keep it leading. */
  async #inTime(outcome: Promise<boolean>, renewMs: number): Promise<boolean | "late"> {
    if (!this.#leading) return outcome;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(resolve, Math.max(0, this.#renewedAt + renewMs - this.#options.now()), "late");
    });
    try {
      return await Promise.race([outcome, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #lose(): Promise<void> {
    this.#leading = false;
    this.#options.log.warn("no longer leading", { lease: this.#options.name });
    await this.#options.onLose();
  }

  async #acquire(): Promise<boolean> {
    const { name, namespace, now, leaseMs = 15_000 } = this.#options;
    const found = await this.#client.find<KubeObject>(LEASES, name, namespace);
    const time = microTime(now());
    if (found === undefined) {
      const spec: LeaseSpec = {
        holderIdentity: this.#identity,
        leaseDurationSeconds: leaseMs / 1000,
        acquireTime: time,
        renewTime: time,
        leaseTransitions: 0,
      };
      return this.#write(() =>
        this.#client.create(LEASES, {
          kind: "Lease",
          apiVersion: "coordination.k8s.io/v1",
          metadata: { name, namespace },
          spec,
        }),
      );
    }
    const spec = (found["spec"] ?? {}) as LeaseSpec;
    const mine = spec.holderIdentity === this.#identity;
    if (!mine && (spec.holderIdentity ?? "") !== "") {
      const mark = `${spec.holderIdentity} ${spec.renewTime}`;
      if (mark !== this.#seen.mark) this.#seen = { mark, at: now() };
      if (now() - this.#seen.at < (spec.leaseDurationSeconds ?? 15) * 1000) return false;
    }
    const next: LeaseSpec = mine
      ? { ...spec, renewTime: time }
      : {
          holderIdentity: this.#identity,
          leaseDurationSeconds: leaseMs / 1000,
          acquireTime: time,
          renewTime: time,
          leaseTransitions: (spec.leaseTransitions ?? 0) + 1,
        };
    return this.#write(() => this.#client.update(LEASES, { ...found, spec: next }));
  }

  async #write(write: () => Promise<unknown>): Promise<boolean> {
    try {
      await write();
      return true;
    } catch (error) {
      if (isReason(error, "Conflict") || isReason(error, "AlreadyExists")) return false;
      throw error;
    }
  }

  async #release(): Promise<void> {
    const { name, namespace, now } = this.#options;
    const found = await this.#client.find<KubeObject>(LEASES, name, namespace);
    const spec = (found?.["spec"] ?? {}) as LeaseSpec;
    if (found === undefined || spec.holderIdentity !== this.#identity) return;
    await this.#client.update(LEASES, {
      ...found,
      spec: { ...spec, holderIdentity: "", leaseDurationSeconds: 1, renewTime: microTime(now()) },
    });
  }
}

function microTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`;
}
