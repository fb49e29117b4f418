import type { createServer } from "node:http";
import { request as httpsRequest } from "node:https";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Team } from "@holdfast/contracts/butler-api/team";
import type { ListenAddress } from "@holdfast/runtime/config/field";
import { EventRecorder } from "@holdfast/runtime/kube/event-recorder";
import { Informer } from "@holdfast/runtime/kube/informer";
import { KubeClient } from "@holdfast/runtime/kube/kube-client";
import type { KubeConnection } from "@holdfast/runtime/kube/kube-connection";
import { LeaderElection } from "@holdfast/runtime/kube/leader-election";
import { Lifecycle, type Part } from "@holdfast/runtime/lifecycle/lifecycle";
import type { Logger } from "@holdfast/runtime/log/logger";
import { Metrics } from "@holdfast/runtime/metrics/metrics";
import { startStatusServer } from "@holdfast/runtime/net/status-server";
import { type KeyPair, validityOf } from "@holdfast/runtime/tls/certificate-authority";
import { bundleOf } from "./certificates/certificate-secret.ts";
import { readMounted } from "./certificates/mounted.ts";
import { advanceCertificates } from "./certificates/self-managed.ts";
import type { ButlerControllerConfig } from "./config.ts";
import { startOwnershipController } from "./controllers/ownership-controller.ts";
import { startTeamController } from "./controllers/team-controller.ts";
import { type ClusterInformers, MANAGED_SELECTOR } from "./controllers/tenant-cluster/gather.ts";
import { startTenantClusterController } from "./controllers/tenant-cluster/tenant-cluster-controller.ts";
import { BUTLER_CONTROLLER_METRICS } from "./metrics.ts";
import type { ClusterProvider } from "./providers/cluster-provider.ts";
import {
  BUTLER_CONFIGS,
  NAMESPACES,
  PROVIDER_CONFIGS,
  ROLE_BINDINGS,
  TEAMS,
  TENANT_CLUSTERS,
} from "./resource-refs.ts";
import { Facts } from "./webhooks/facts.ts";
import { createJudges } from "./webhooks/judges.ts";
import { PoolLedger } from "./webhooks/pool-ledger.ts";
import { QuotaLedger } from "./webhooks/quota-ledger.ts";
import { PING_PATH, WebhookServer } from "./webhooks/webhook-server.ts";

export interface ButlerControllerParts {
  readonly connection: KubeConnection;
  readonly log: Logger;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number;
  /** Further names and addresses under which the webhooks are called; for a self-managed certificate. */
  readonly webhookNames?: readonly string[];
  /** Who makes clusters of the provider `local`. Default: nobody, such clusters fail with a sentence that says so. */
  readonly localProvider?: ClusterProvider;
}

export interface ButlerController {
  start(): Promise<void>;
  stop(): Promise<boolean>;
  /** Where the webhooks answer, once started. */
  readonly webhookAddress: { readonly host: string; readonly port: number } | undefined;
  /** Authorities the API server must trust for the webhooks (PEM), when the controller manages its certificate itself. */
  readonly webhookBundle: string | undefined;
  readonly metrics: Metrics<typeof BUTLER_CONTROLLER_METRICS>;
  /** What keeps this replica from being ready; empty when it is. */
  notReady(): Promise<string[]>;
}

/** Builds the controller; nothing runs before start(). */
export function createButlerController(config: ButlerControllerConfig, parts: ButlerControllerParts): ButlerController {
  const { log } = parts;
  const now = parts.now ?? Date.now;
  const metrics = new Metrics(BUTLER_CONTROLLER_METRICS);
  const client = new KubeClient(parts.connection, { userAgent: "butler-controller" });
  const informer = (ref: typeof TEAMS, labelSelector?: string) =>
    new Informer<KubeObject>(client, ref, {
      log,
      optional: true,
      ...(labelSelector === undefined ? {} : { labelSelector }),
    });
  const informers = {
    teams: informer(TEAMS),
    namespaces: informer(NAMESPACES),
    clusters: informer(TENANT_CLUSTERS),
    configs: informer(BUTLER_CONFIGS),
    providerConfigs: informer(PROVIDER_CONFIGS),
    bindings: informer(ROLE_BINDINGS, MANAGED_SELECTOR),
  };
  const { teams } = informers;
  const all = Object.values(informers);
  const webhooks = config.enableWebhooks
    ? createWebhooks(config, { client, metrics, log, now, names: parts.webhookNames ?? [], teams })
    : undefined;
  const notReady = async () => [
    ...all.filter((i) => !i.synced).map((i) => `${i.ref.plural} are not read yet`),
    ...(webhooks === undefined ? [] : await webhooks.notReady()),
  ];
  const lifecycleParts: Part[] = [
    // First: a replica that waits for a slow API server is alive, and says what keeps it from being ready.
    statusPart("health", config.healthProbeBindAddress, async () => ({ notReady: await notReady() })),
    statusPart("metrics", config.metricsBindAddress, () => Promise.resolve({ metrics: metrics.print() })),
    part(
      "informers",
      () => Promise.all(all.map((i) => i.start())),
      () => Promise.all(all.map((i) => i.stop())),
    ),
    ...(webhooks === undefined ? [] : [webhooks.part]),
    controllersPart(config, {
      client,
      informers,
      log,
      now,
      metrics,
      providers: { local: parts.localProvider },
    }),
  ];
  const lifecycle = new Lifecycle(lifecycleParts, { log });
  return {
    start: () => lifecycle.start(),
    async stop() {
      const clean = await lifecycle.stop();
      client.close();
      return clean;
    },
    get webhookAddress() {
      return webhooks?.address();
    },
    get webhookBundle() {
      return webhooks?.bundle();
    },
    metrics,
    notReady,
  };
}

function part(name: string, start: () => Promise<unknown>, stop: () => Promise<unknown>): Part {
  return { name, start: async () => void (await start()), stop: async () => void (await stop()) };
}

function statusPart(
  name: string,
  address: ListenAddress | "off",
  answer: () => Promise<{ notReady?: string[]; metrics?: string }>,
): Part {
  let server: ReturnType<typeof createServer> | undefined;
  return part(
    name,
    async () => {
      if (address !== "off") server = await startStatusServer(address, answer);
    },
    () => new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve()))),
  );
}

interface ControllerContext {
  readonly client: KubeClient;
  readonly informers: ClusterInformers;
  readonly providers: Readonly<Record<string, ClusterProvider | undefined>>;
  readonly log: Logger;
  readonly now: () => number;
  readonly metrics: Metrics<typeof BUTLER_CONTROLLER_METRICS>;
}

/** The reconcilers; with leader election only while this replica leads. */
function controllersPart(config: ButlerControllerConfig, context: ControllerContext): Part {
  const { client, informers, metrics, log, now } = context;
  const events = new EventRecorder(client, { component: "butler-controller", log, now });
  let running: { stop(): Promise<void> }[] = [];
  const startAll = () => {
    metrics.set("butler_leader", 1);
    const onDone = (controller: string) => (outcome: "ok" | "error") =>
      metrics.add("butler_reconcile_total", { controller, outcome });
    running = [
      startTeamController({ ...informers, client, log, now, onDone: onDone("team") }),
      startOwnershipController({
        clusters: informers.clusters,
        client,
        log,
        concurrency: config.maxConcurrentTcReconciles,
        onDone: onDone("ownership"),
      }),
      startTenantClusterController({
        ...context,
        events,
        concurrency: config.maxConcurrentTcReconciles,
        onDone: onDone("tenantcluster"),
      }),
    ];
  };
  const stopAll = async () => {
    metrics.set("butler_leader", 0);
    await Promise.all(running.splice(0).map((c) => c.stop()));
  };
  const election = config.leaderElect
    ? new LeaderElection(client, {
        name: "butler-controller.butlerlabs.dev",
        namespace: config.namespace,
        log,
        now,
        onLead: startAll,
        onLose: stopAll,
      })
    : undefined;
  return part(
    "controllers",
    async () => {
      if (election === undefined) startAll();
      else election.start();
    },
    async () => {
      await election?.stop();
      await stopAll();
    },
  );
}

interface WebhookContext {
  readonly client: KubeClient;
  readonly metrics: Metrics<typeof BUTLER_CONTROLLER_METRICS>;
  readonly log: Logger;
  readonly now: () => number;
  readonly names: readonly string[];
  readonly teams: Informer<KubeObject>;
}

/** Server and certificate of the webhooks. */
function createWebhooks(config: ButlerControllerConfig, context: WebhookContext) {
  const { client, metrics, log, now } = context;
  const { webhookBindAddress: bind, namespace, webhookServiceName: service } = config;
  const names = [
    `${service}.${namespace}.svc`,
    `${service}.${namespace}.svc.cluster.local`,
    `${service}.${namespace}`,
    service,
    ...context.names,
  ];
  const judges = createJudges({
    facts: new Facts(client),
    ledger: new QuotaLedger(client, namespace),
    pools: new PoolLedger(client, namespace),
    now,
    cachedTeam: (name) => context.teams.get(name) as unknown as Team | undefined,
  }).filter((judge) => config.enableDefaulting || !judge.path.startsWith("/mutate-"));
  let server: WebhookServer | undefined;
  let address: { host: string; port: number } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let serving = "";
  let bundle: string | undefined;

  const current = async (): Promise<{ pair: KeyPair; nextLookMs: number }> => {
    if (config.webhookCertificates === "mounted")
      return { pair: await readMounted(config.webhookCertDir), nextLookMs: config.webhookCertPollInterval };
    const { set, nextLookMs } = await advanceCertificates({
      client,
      namespace,
      names,
      configurationName: config.webhookConfigurationName,
      log,
      now,
    });
    bundle = bundleOf(set);
    // Another replica may take the next step: its work is followed at the pace of the mounted case.
    return { pair: set.leaf, nextLookMs: Math.min(nextLookMs, config.webhookCertPollInterval) };
  };
  const take = (pair: KeyPair) => {
    if (pair.cert === serving) return;
    server?.replaceCertificate(pair);
    serving = pair.cert;
    metrics.add("butler_webhook_certificate_reloads_total", { outcome: "loaded" });
    metrics.set(
      "butler_webhook_certificate_not_after_seconds",
      (validityOf(pair.cert)?.notAfter.getTime() ?? 0) / 1000,
    );
  };
  const look = async () => {
    let nextLookMs = config.webhookCertPollInterval;
    try {
      const found = await current();
      nextLookMs = found.nextLookMs;
      take(found.pair);
    } catch (error) {
      metrics.add("butler_webhook_certificate_reloads_total", { outcome: "refused" });
      log.error("webhook certificate cannot be taken into service", { error });
    }
    timer = setTimeout(() => void look(), nextLookMs);
    timer.unref();
  };

  return {
    address: () => address,
    bundle: () => bundle,
    part: part(
      "webhooks",
      async () => {
        if (bind === "off") return;
        const { pair, nextLookMs } = await current();
        server = new WebhookServer({ judges, metrics, log }, pair);
        take(pair);
        address = { host: bind.host === "" ? "127.0.0.1" : bind.host, port: await server.listen(bind) };
        timer = setTimeout(() => void look(), nextLookMs);
        timer.unref();
      },
      async () => {
        clearTimeout(timer);
        await server?.close();
      },
    ),
    /** Ready is who answers: the check goes through the real socket, and trusts only what callers trust. */
    async notReady(): Promise<string[]> {
      if (bind === "off") return [];
      if (address === undefined) return ["webhooks are not served yet"];
      const why = await ping(
        address,
        bundle === undefined ? undefined : { ca: bundle, servername: names[0] as string },
      );
      return why === undefined ? [] : [`webhooks do not answer: ${why}`];
    },
  };
}

const PING_TIMEOUT_MS = 2000;

/** Why the webhook server does not answer; undefined when it does. */
function ping(
  address: { host: string; port: number },
  trust: { ca: string; servername: string } | undefined,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = httpsRequest(
      {
        host: address.host,
        port: address.port,
        path: PING_PATH,
        ...(trust === undefined ? { rejectUnauthorized: false } : trust),
        agent: false,
      },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200 ? undefined : `HTTP ${response.statusCode}`);
      },
    );
    request.setTimeout(PING_TIMEOUT_MS, () => request.destroy(new Error(`no answer within ${PING_TIMEOUT_MS} ms`)));
    request.on("error", (error) => resolve(error.message));
    request.end();
  });
}
