import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type {
  ClusterIdentity,
  ClusterPlan,
  ClusterProvider,
  ProviderState,
} from "@holdfast/butler-controller/providers/cluster-provider";
import { createKube, type Kube } from "@holdfast/embedded-kube/create-kube";
import type { Logger } from "@holdfast/runtime/log/logger";

/** A node of a tenant cluster. */
export interface LocalNode {
  /** @param options.keepPods - false ends its pods and takes the Node object away */
  stop(options: { readonly keepPods: boolean }): Promise<void>;
}

export interface LocalClustersOptions {
  readonly dataDir: string;
  readonly log: Logger;
  /** Starts a node of that name in a cluster. Default: clusters run none. */
  readonly startNode?: (kube: Kube, name: string, dataDir: string) => Promise<LocalNode>;
}

interface Running {
  readonly kube: Kube;
  readonly dir: string;
  readonly nodes: Map<string, LocalNode>;
}

/** Nodes answer within moments here. */
const LOOK_AGAIN_MS = 100;

/** The provider `local`: every tenant cluster is an embedded API server in this process, its nodes run pods as processes. */
export class LocalClusters implements ClusterProvider {
  readonly #options: LocalClustersOptions;
  readonly #clusters = new Map<string, Promise<Running>>();
  readonly #answering = new Set<string>();
  /** One change at a time for each cluster. */
  readonly #turns = new Map<string, Promise<unknown>>();
  #stopped = false;

  constructor(options: LocalClustersOptions) {
    this.#options = options;
  }

  ensure(plan: ClusterPlan): Promise<ProviderState> {
    return this.#inTurn(plan.uid, async () => {
      const running = await this.#running(plan);
      await this.#adjustNodes(running, plan);
      return this.#stateOf(running);
    });
  }

  async observe(identity: ClusterIdentity): Promise<ProviderState | undefined> {
    const running = this.#clusters.get(identity.uid);
    if (running === undefined) return undefined;
    return this.#stateOf(await running);
  }

  remove(identity: ClusterIdentity): Promise<"gone"> {
    return this.#inTurn(identity.uid, async () => {
      const running = await this.#clusters.get(identity.uid)?.catch(() => undefined);
      this.#clusters.delete(identity.uid);
      this.#answering.delete(identity.uid);
      if (running !== undefined) {
        await Promise.all([...running.nodes.values()].map((node) => node.stop({ keepPods: false })));
        await running.kube.stop();
      }
      await rm(this.kubeconfigOf(identity), { force: true });
      await rm(this.#dirOf(identity), { recursive: true, force: true });
      return "gone" as const;
    });
  }

  /** Whether the API server of that cluster answers, in this run of the process. */
  isAnswering(uid: string): boolean {
    return this.#answering.has(uid);
  }

  /** Ends every cluster, and keeps what it stored. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled(this.#turns.values());
    await Promise.all(
      [...this.#clusters.values()].map(async (starting) => {
        const running = await starting.catch(() => undefined);
        if (running === undefined) return;
        await Promise.all([...running.nodes.values()].map((node) => node.stop({ keepPods: false })));
        await running.kube.stop();
      }),
    );
    this.#clusters.clear();
  }

  /** File with the kubeconfig of a cluster's administrator. Namespaces have no dot in their names. */
  kubeconfigOf(of: { readonly namespace: string; readonly name: string }): string {
    return join(this.#options.dataDir, `${of.namespace}.${of.name}.kubeconfig`);
  }

  #dirOf(identity: ClusterIdentity): string {
    if (!/^[\w-]+$/.test(identity.uid)) throw new Error(`${JSON.stringify(identity.uid)} is no uid of a cluster`);
    return join(this.#options.dataDir, identity.uid);
  }

  async #inTurn<T>(uid: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(uid) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#turns.set(uid, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(uid) === turn) this.#turns.delete(uid);
    }
  }

  #running(plan: ClusterPlan): Promise<Running> {
    let running = this.#clusters.get(plan.uid);
    if (running === undefined) {
      if (this.#stopped) throw new Error("this process is ending: no cluster is started any more");
      running = this.#start(plan);
      this.#clusters.set(plan.uid, running);
      running.catch(() => this.#clusters.delete(plan.uid));
    }
    return running;
  }

  async #start(plan: ClusterPlan): Promise<Running> {
    const dir = this.#dirOf(plan);
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const kube = await this.#startKube(plan, dir);
    await writeFile(join(dir, "port"), new URL(kube.server).port);
    await writeFile(this.kubeconfigOf(plan), kube.kubeconfig, { mode: 0o600 });
    this.#answering.add(plan.uid);
    return { kube, dir, nodes: new Map() };
  }

  /** On the port it had before, so that kubeconfigs that were handed out go on working; on another one when that is taken. */
  async #startKube(plan: ClusterPlan, dir: string): Promise<Kube> {
    const log = this.#options.log.child({ cluster: `${plan.namespace}/${plan.name}` });
    const options = { dataDir: join(dir, "kube"), name: plan.name, log };
    const former = Number(await readFile(join(dir, "port"), "utf8").catch(() => "0"));
    try {
      return await createKube({ ...options, port: Number.isInteger(former) ? former : 0 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      return createKube({ ...options, port: 0 });
    }
  }

  async #adjustNodes(running: Running, plan: ClusterPlan): Promise<void> {
    const { startNode } = this.#options;
    if (startNode === undefined) return;
    const wanted = new Set(Array.from({ length: plan.workers }, (_, index) => `${plan.name}-worker-${index}`));
    for (const [name, node] of running.nodes) {
      if (wanted.has(name)) continue;
      running.nodes.delete(name);
      await node.stop({ keepPods: false });
    }
    for (const name of wanted) {
      if (running.nodes.has(name)) continue;
      running.nodes.set(name, await startNode(running.kube, name, join(running.dir, "nodes", name)));
    }
  }

  #stateOf(running: Running): ProviderState {
    const { kube } = running;
    const nodes = kube.context.store.bucket("nodes");
    const names: string[] = [];
    const ready: string[] = [];
    for (const [name, stored] of nodes.range("")) {
      names.push(name);
      const status = stored.object["status"] as { conditions?: { type: string; status: string }[] } | undefined;
      if (status?.conditions?.some((c) => c.type === "Ready" && c.status === "True")) ready.push(name);
    }
    return {
      infrastructure: { ready: true, reason: "Ready", message: "runs on this machine" },
      controlPlane: { ready: true, reason: "Ready", message: `the API server answers at ${kube.server}` },
      endpoint: new URL(kube.server).host,
      adminKubeconfig: kube.kubeconfig,
      kubernetesVersion: kube.version,
      ...(this.#options.startNode === undefined ? {} : { workers: { present: names, ready } }),
      lookAgainMs: LOOK_AGAIN_MS,
    };
  }
}
