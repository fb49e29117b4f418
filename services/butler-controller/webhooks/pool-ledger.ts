import type { NetworkPool } from "@holdfast/contracts/butler-api/network-pool";
import type { Decision } from "@holdfast/domain/decision";
import {
  decodePoolReservations,
  MAX_POOL_RESERVATIONS,
  pendingReservations,
  reservedPools,
  reservePool,
} from "@holdfast/domain/ipam/pool-reservation";
import type { KubeClient } from "@holdfast/runtime/kube/kube-client";
import { controllerErrors } from "../errors.ts";
import { ATTEMPTS, changeSharedText, type SharedText } from "./config-map-text.ts";

const NAME = "butler-network-pools";

export interface PoolRequest {
  readonly pool: NetworkPool;
  readonly now: number;
  /** Stored pools, read past any cache; asked for again with each attempt. */
  readonly stored: () => Promise<readonly NetworkPool[]>;
  readonly decide: (pools: readonly NetworkPool[]) => Decision;
}

/**
 * Reservations of addresses by pools that were let through and are not stored yet, in one ConfigMap: of two pools that overlap and
 * are made at the same moment one finds the other, on whichever replicas they are judged.
 */
export class PoolLedger {
  readonly #client: KubeClient;
  readonly #namespace: string;

  constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  /** Decides, and reserves what is let through. @throws BUTLER_POOLS_CONTENDED, BUTLER_POOLS_FULL */
  async decide(request: PoolRequest): Promise<Decision> {
    let decision: Decision | undefined;
    const outcome = await changeSharedText<Decision>(this.#client, this.#place, async (text) => {
      // The ledger was read first: a pool that is stored between the two reads is in one of them.
      const stored = await request.stored();
      const known = text === undefined ? [] : decodePoolReservations(text);
      const pending = pendingReservations(known, stored, request.now);
      decision = request.decide([...stored, ...reservedPools(pending)]);
      if (!decision.allowed) return decision;
      if (pending.length >= MAX_POOL_RESERVATIONS)
        throw controllerErrors.create("BUTLER_POOLS_FULL", { count: pending.length });
      return JSON.stringify(reservePool(pending, request.pool, request.now));
    });
    if (outcome === "contended") throw controllerErrors.create("BUTLER_POOLS_CONTENDED", { attempts: ATTEMPTS });
    return outcome === "written" ? (decision as Decision) : outcome;
  }

  /** Gives back what was reserved for a pool that is deleted, so that its addresses can be had again at once. */
  async release(pool: { readonly namespace: string; readonly name: string }): Promise<void> {
    await changeSharedText<{ readonly nothing: true }>(this.#client, this.#place, async (text) => {
      const known = text === undefined ? [] : decodePoolReservations(text);
      const left = known.filter(({ namespace, name }) => namespace !== pool.namespace || name !== pool.name);
      return left.length === known.length ? { nothing: true } : JSON.stringify(left);
    });
  }

  get #place(): SharedText {
    return {
      namespace: this.#namespace,
      name: NAME,
      key: "reservations",
      labels: { "app.kubernetes.io/managed-by": "butler" },
    };
  }
}
