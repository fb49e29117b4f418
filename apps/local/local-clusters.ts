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

export interface LocalClustersOptions {
  readonly dataDir: string;
  readonly log: Logger;
}

/** Below, ports belong to the system. */
const FIRST_FREE_PORT = 1024;
const LAST_PORT = 65_535;

/** The provider `local`: every tenant cluster is an embedded API server in this process. It runs no nodes. */
export class LocalClusters implements ClusterProvider {
  readonly #options: LocalClustersOptions;
  readonly #clusters = new Map<string, Promise<Kube>>();
  readonly #answering = new Set<string>();
  /** One change at a time for each cluster. */
  readonly #turns = new Map<string, Promise<unknown>>();
  #stopped = false;

  constructor(options: LocalClustersOptions) {
    this.#options = options;
  }

  ensure(plan: ClusterPlan): Promise<ProviderState> {
    return this.#inTurn(plan.uid, async () => stateOf(await this.#running(plan)));
  }

  async observe(identity: ClusterIdentity): Promise<ProviderState | undefined> {
    const running = this.#clusters.get(identity.uid);
    if (running === undefined) return undefined;
    return stateOf(await running);
  }

  remove(identity: ClusterIdentity): Promise<"gone"> {
    return this.#inTurn(identity.uid, async () => {
      const running = await this.#clusters.get(identity.uid)?.catch(() => undefined);
      this.#clusters.delete(identity.uid);
      this.#answering.delete(identity.uid);
      await running?.stop();
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
      [...this.#clusters.values()].map(async (starting) => (await starting.catch(() => undefined))?.stop()),
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

  #running(plan: ClusterPlan): Promise<Kube> {
    let running = this.#clusters.get(plan.uid);
    if (running === undefined) {
      if (this.#stopped) throw new Error("this process is ending: no cluster is started any more");
      running = this.#start(plan);
      this.#clusters.set(plan.uid, running);
      running.catch(() => this.#clusters.delete(plan.uid));
    }
    return running;
  }

  async #start(plan: ClusterPlan): Promise<Kube> {
    const dir = this.#dirOf(plan);
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const kube = await this.#startKube(plan, dir);
    try {
      await writeFile(join(dir, "port"), new URL(kube.server).port);
      await writeFile(this.kubeconfigOf(plan), kube.kubeconfig, { mode: 0o600 });
    } catch (error) {
      // The next try starts it anew, and its directory must be free for that.
      await kube.stop();
      throw error;
    }
    this.#answering.add(plan.uid);
    return kube;
  }

  /** On the port it had before, so that kubeconfigs that were handed out go on working; on another one when that is taken. */
  async #startKube(plan: ClusterPlan, dir: string): Promise<Kube> {
    const log = this.#options.log.child({ cluster: `${plan.namespace}/${plan.name}` });
    const options = { dataDir: join(dir, "kube"), name: plan.name, log };
    const former = Number(await readFile(join(dir, "port"), "utf8").catch(() => ""));
    // A file that was cut short by a crash names no port that was ours.
    const isPort = Number.isInteger(former) && former >= FIRST_FREE_PORT && former <= LAST_PORT;
    try {
      return await createKube({ ...options, port: isPort ? former : 0 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      return createKube({ ...options, port: 0 });
    }
  }
}

function stateOf(kube: Kube): ProviderState {
  return {
    infrastructure: { ready: true, reason: "Ready", message: "runs on this machine" },
    controlPlane: { ready: true, reason: "Ready", message: `the API server answers at ${kube.server}` },
    endpoint: new URL(kube.server).host,
    adminKubeconfig: kube.kubeconfig,
    kubernetesVersion: kube.version,
  };
}
