import { mkdirSync, openSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ButlerController } from "@holdfast/butler-controller/create-butler-controller";
import { KubeClient } from "@holdfast/runtime/kube/kube-client";
import { parseKubeconfig } from "@holdfast/runtime/kube/kube-connection";
import { createLogger, type Logger, type LogLevel } from "@holdfast/runtime/log/logger";
import { startButler } from "./butler-start.ts";
import { LocalClusters } from "./local-clusters.ts";
import { awaitSampleCluster, installSamples, SAMPLE_CLUSTER } from "./samples.ts";
import { startKube } from "./start-kube.ts";

export interface UpOptions {
  readonly dataDir: string;
  readonly port: number | undefined;
  readonly tokenFile?: string;
  readonly logLevel: LogLevel;
  /** Told of each step as it is done. */
  readonly onStep: (text: string) => void;
}

/** Everything on this machine, running. */
export interface Up {
  readonly server: string;
  readonly kubeconfig: string;
  readonly caFile: string;
  readonly parts: readonly { readonly name: string; readonly url: string }[];
  stop(): Promise<boolean>;
}

/** Loopback address of butler-controller, so that documented ports of services do not collide. macOS has 127.0.0.1 alone. */
const CONTROLLER_HOST = process.platform === "linux" ? "127.0.0.10" : "127.0.0.1";

export async function up(options: UpOptions): Promise<Up> {
  const dataDir = resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const log = fileLogger(join(dataDir, "holdfast.log"), options.logLevel);
  const kube = await startKube({ ...options, dataDir, controllers: true, log: log.child({ service: "kube" }) });
  options.onStep(`Kubernetes API  ${kube.server}`);
  const client = new KubeClient(parseKubeconfig(kube.kubeconfig, "kubeconfig"), { userAgent: "holdfast-up" });
  const clusters = new LocalClusters({ dataDir: join(dataDir, "clusters"), log });
  let controller: ButlerController | undefined;
  const stop = async () => {
    const clean = (await controller?.stop()) ?? true;
    await clusters.stop();
    client.close();
    await kube.stop();
    return clean;
  };
  try {
    controller = await startButler(client, { host: CONTROLLER_HOST, log, localProvider: clusters });
    options.onStep("Butler          18 kinds, 6 webhooks, controllers");
    await installSamples(client);
    options.onStep("Sample          team demo with the environments dev and prod, a provider and a pool");
    const sample = await awaitSampleCluster(client, (uid) => clusters.isAnswering(uid));
    options.onStep(
      sample.phase === "Ready"
        ? `Cluster         demo/hello at https://${sample.endpoint}, kubeconfig ${clusters.kubeconfigOf(SAMPLE_CLUSTER)}`
        : `Cluster         demo/hello is ${sample.phase}: ${sample.message}`,
    );
    const { host, port } = controller.webhookAddress ?? { host: CONTROLLER_HOST, port: 0 };
    return {
      server: kube.server,
      kubeconfig: kube.kubeconfigFile as string,
      caFile: kube.caFile as string,
      parts: [
        { name: "kube", url: kube.server },
        { name: "butler-controller", url: `https://${host}:${port}` },
      ],
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Services log into a file: the terminal belongs to the person in front of it. */
function fileLogger(file: string, level: LogLevel): Logger {
  const fd = openSync(file, "a", 0o600);
  const write = (line: string) => {
    try {
      writeSync(fd, `${line}\n`);
    } catch {
      // A full disk must not end what works without a log.
    }
  };
  return createLogger({ level, now: Date.now, write });
}
