// The one file that loads apps/local, and only when a command needs it.
import { relative } from "node:path";
import { nearest } from "@holdfast/runtime/config/nearest";
import { stopOnSignals } from "@holdfast/runtime/lifecycle/lifecycle";
import { createLogger, type Logger, type LogLevel, SILENT } from "@holdfast/runtime/log/logger";

export interface LocalOptions {
  readonly dataDir: string;
  readonly port?: number;
  readonly tokenFile?: string;
  readonly logLevel: LogLevel;
  readonly output: "text" | "json";
}

const FOREVER = new Promise<number>(() => undefined);

/** holdfast up */
export async function runUp(options: LocalOptions): Promise<number> {
  const started = performance.now();
  const { up } = await import("@holdfast/local/up");
  const json = options.output === "json";
  const say = (text: string) => {
    if (!json) process.stdout.write(`${text}\n`);
  };
  const running = await up({
    ...options,
    port: options.port,
    onStep: (text) => say(`  ${text.replaceAll(`${process.cwd()}/`, "")}`),
  });
  stopOnSignals(() => running.stop(), SILENT);
  const ms = Math.round(performance.now() - started);
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ ready: true, ms, server: running.server, kubeconfig: running.kubeconfig, caFile: running.caFile, parts: running.parts })}\n`,
    );
    return FOREVER;
  }
  say(upText({ ms, kubeconfig: shortPath(running.kubeconfig), dataDir: options.dataDir }));
  return FOREVER;
}

/** A path as a person would type it here. */
function shortPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith("..") ? path : near;
}

/** What a person reads when everything runs: where things are, and three commands to try. */
export function upText(at: { readonly ms: number; readonly kubeconfig: string; readonly dataDir: string }): string {
  const kubectl = `kubectl --kubeconfig ${at.kubeconfig}`;
  return `
Ready after ${(at.ms / 1000).toFixed(1)} s. Data and log: ${at.dataDir}/. Ctrl-C ends it.

Try:
  ${kubectl} get teams,tenantclusters -A
  ${kubectl} apply -f examples/tenant-cluster.yaml
  ${kubectl} --as dana@example.com --as-group demo patch team demo --type merge -p '{"spec":{"resourceLimits":{"maxClusters":99}}}'

The last one is refused: limits of a team are set by platform admins alone.`;
}

/** holdfast kube */
export async function runKube(options: LocalOptions & { readonly withoutControllers: boolean }): Promise<number> {
  const started = performance.now();
  const { startKube } = await import("@holdfast/local/start-kube");
  const kube = await startKube({
    dataDir: options.dataDir,
    port: options.port,
    ...(options.tokenFile === undefined ? {} : { tokenFile: options.tokenFile }),
    controllers: !options.withoutControllers,
    log: stderrLog(options.logLevel),
  });
  stopOnSignals(() => kube.stop().then(() => true), SILENT);
  const ms = Math.round(performance.now() - started);
  if (options.output === "json") {
    const parts = [{ name: "kube", url: kube.server }];
    process.stdout.write(
      `${JSON.stringify({ ready: true, ms, server: kube.server, kubeconfig: kube.kubeconfigFile, caFile: kube.caFile, parts })}\n`,
    );
  } else {
    process.stdout.write(
      `Kubernetes API ${kube.server}, ready after ${ms} ms. Ctrl-C ends it.\n\nTry:\n  kubectl --kubeconfig ${shortPath(kube.kubeconfigFile as string)} get namespaces\n`,
    );
  }
  return FOREVER;
}

/** holdfast run SERVICE */
export async function runOne(
  service: string,
  flags: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const { SERVICES } = await import("@holdfast/local/services");
  const load = Object.hasOwn(SERVICES, service) ? SERVICES[service] : undefined;
  if (load === undefined) {
    const names = Object.keys(SERVICES);
    const close = nearest(service, names);
    process.stderr.write(
      `Cannot run ${JSON.stringify(service)}: there is no such service${close === undefined ? "" : `; did you mean ${close}?`} Known: ${names.join(", ")}\n`,
    );
    return 2;
  }
  return (await load()).main(flags, env);
}

function stderrLog(level: LogLevel): Logger {
  return createLogger({ level, now: Date.now, write: (line) => process.stderr.write(`${line}\n`) });
}
