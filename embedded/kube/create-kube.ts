import { randomBytes, randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:https";
import { join } from "node:path";
import type { FindPodRunner } from "@holdfast/runtime/kube/pod-runner";
import { type Logger, SILENT } from "@holdfast/runtime/log/logger";
import { drainable, listen } from "@holdfast/runtime/net/listener";
import { chainAdmission } from "./admission/admission.ts";
import { createNamespaceLifecycle } from "./admission/namespace-lifecycle.ts";
import { createServiceAccountAdmission } from "./admission/service-account.ts";
import { createServiceAddresses } from "./admission/service-addresses.ts";
import { createWebhookAdmission } from "./admission/webhook-admission.ts";
import { type ServiceResolver, WebhookClient } from "./admission/webhook-client.ts";
import { startRoleAggregation } from "./auth/aggregate-cluster-roles.ts";
import { createAuthenticator, staticTokens, type TokenAuthenticator } from "./auth/authenticate.ts";
import { ensureDefaultRoles } from "./auth/ensure-default-roles.ts";
import { createEscalationCheck } from "./auth/escalation.ts";
import { createRbacAuthorizer } from "./auth/rbac-authorizer.ts";
import { reviewRoutes } from "./auth/reviews.ts";
import { createServiceAccountTokens } from "./auth/service-account-tokens.ts";
import { createInternal } from "./controllers/create-internal.ts";
import { startGarbageCollector } from "./controllers/garbage-collector.ts";
import { startNamespaceController } from "./controllers/namespace-controller.ts";
import { startServiceAccountController } from "./controllers/service-account-controller.ts";
import { type Credentials, kubeconfig, loadCredentials, writeSecretFile } from "./credentials.ts";
import { startDefinitionController } from "./custom/definition-controller.ts";
import { createDiscoveryRoute } from "./discovery/discovery-route.ts";
import { createOpenapiRoute } from "./discovery/openapi-route.ts";
import { createHandler, type Route } from "./http/handler.ts";
import { createHealthRoute } from "./http/health-route.ts";
import { createNotFoundRoute } from "./http/not-found-route.ts";
import { bindingsRoute, podActionRoutes } from "./http/pod-action-routes.ts";
import { createResourceRoute } from "./http/resource-route.ts";
import { mayUpgrade, onUpgrade } from "./http/upgrade.ts";
import type { KubeContext } from "./operations/kube-context.ts";
import { builtinResources } from "./resources/builtin-resources.ts";
import { KUBERNETES_VERSION } from "./resources/builtin-types.ts";
import { ResourceRegistry } from "./resources/resource-registry.ts";
import { ObjectStore } from "./store/object-store.ts";
import { streamRoutes } from "./streams/stream-routes.ts";

export interface KubeOptions {
  /** Where everything is kept; undefined keeps it in memory only. */
  readonly dataDir?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Address to listen on. Default 127.0.0.1; anything else makes the server reachable from outside. */
  readonly host?: string;
  /** Further names and addresses for the server's certificate. */
  readonly certificateHosts?: readonly string[];
  /** Text of a static token file: `token,user,uid,"group1,group2"` a line. */
  readonly tokenFile?: string;
  /** Garbage collection, namespaces, ServiceAccounts, workloads. Default true; false is a kube-apiserver without a controller manager. */
  readonly controllers?: boolean;
  /** Of the controllers those of workloads and the scheduler: false leaves them to somebody else. Default true. */
  readonly workloads?: boolean;
  /** False leaves pods without a node, for whoever brings a scheduler. Default true. */
  readonly scheduler?: boolean;
  /** Where webhooks behind a Service are reached. Default: no service is. */
  readonly resolveService?: ServiceResolver;
  /** Who runs the pods of a node: for logs, exec, attach and port-forward. Default: nobody. */
  readonly findPodRunner?: FindPodRunner;
  readonly log?: Logger;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number;
  /** Name of cluster, user and context in the kubeconfig. Default `holdfast`. */
  readonly name?: string;
  /** Open connections at once; more are refused. Default 4096. */
  readonly maxConnections?: number;
  /** Default `group`; see the durable log. */
  readonly fsync?: "group" | "off";
}

/** A running API server. */
export interface Kube {
  /** `https://127.0.0.1:PORT` */
  readonly server: string;
  /** The Kubernetes version whose API this is, such as v1.34.0. */
  readonly version: string;
  /** PEM of the authority behind the server's certificate. */
  readonly caCert: string;
  /** Client certificate of an administrator. */
  readonly admin: { readonly cert: string; readonly key: string };
  /** Text of a kubeconfig for that administrator. */
  readonly kubeconfig: string;
  /** Files, when there is a data directory. */
  readonly kubeconfigFile?: string;
  readonly caFile?: string;
  /** The inside of the server, for parts that live in the same process and for tests. */
  readonly context: KubeContext;
  /** Ends watches, finishes what is under way, closes the store. */
  stop(): Promise<void>;
}

/** Starts an API server; it answers when the promise resolves. Many can run in one process. */
export async function createKube(options: KubeOptions = {}): Promise<Kube> {
  const now = options.now ?? Date.now;
  const log = options.log ?? SILENT;
  const host = options.host ?? "127.0.0.1";
  const { dataDir } = options;
  if (dataDir !== undefined) await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const credentials = await loadCredentials(dataDir === undefined ? undefined : join(dataDir, "pki"), {
    hosts: [...(options.certificateHosts ?? []), ...(host === "0.0.0.0" || host === "::" ? [] : [host])],
    now: now(),
  });
  const store = await ObjectStore.open(
    dataDir === undefined
      ? undefined
      : { dir: join(dataDir, "store"), ...(options.fsync === undefined ? {} : { fsync: options.fsync }) },
  );
  try {
    return await startServer(options, { store, credentials, host, log, now });
  } catch (error) {
    // The directory must be free for the next try: another port, or another process.
    await store.close();
    throw error;
  }
}

interface Opened {
  readonly store: ObjectStore;
  readonly credentials: Credentials;
  readonly host: string;
  readonly log: Logger;
  readonly now: () => number;
}

async function startServer(options: KubeOptions, { store, credentials, host, log, now }: Opened): Promise<Kube> {
  const { dataDir } = options;
  const registry = new ResourceRegistry();
  registry.addAll(builtinResources());
  const authorizer = createRbacAuthorizer(store);
  const webhooks = new WebhookClient(options.resolveService ?? (() => undefined));
  const kube: KubeContext = {
    store,
    registry,
    authorizer,
    admission: chainAdmission([
      createNamespaceLifecycle(store),
      createServiceAddresses(store, now),
      createServiceAccountAdmission(store, randomSuffix),
      createWebhookAdmission({ store, registry, client: webhooks, authorizer, uuid: randomUUID }),
      // Last: it judges what the webhooks leave.
      createEscalationCheck(authorizer),
    ]),
    now,
    uuid: randomUUID,
    randomSuffix,
  };
  await ensureSystemObjects(kube);
  const tokens = createServiceAccountTokens({
    kube,
    privateKeyPem: credentials.tokenKey,
    issuer: ISSUER,
    audiences: [ISSUER],
  });
  const plainTokens: TokenAuthenticator[] = options.tokenFile === undefined ? [] : [staticTokens(options.tokenFile)];
  const authenticators: TokenAuthenticator[] = [...plainTokens, (token) => tokens.authenticate(token)];
  const watches = new Set<() => void>();
  let stopping = false;
  const registerStream = (end: () => void) => {
    watches.add(end);
    return () => watches.delete(end);
  };
  const routes: Route[] = [
    createHealthRoute(() => !stopping),
    createDiscoveryRoute(registry),
    createResourceRoute({
      kube,
      subresources: new Map([
        ["serviceaccounts/token", tokens.route],
        ...podActionRoutes(kube),
        ...streamRoutes({ kube, find: options.findPodRunner ?? (() => undefined), log, register: registerStream }),
      ]),
      virtual: new Map([
        ...reviewRoutes({ kube, rules: authorizer, accountTokens: tokens, plainTokens }),
        ...bindingsRoute(kube),
      ]),
      registerWatch: registerStream,
    }),
    createOpenapiRoute(registry),
    tokens.discoveryRoute,
    createNotFoundRoute(registry),
  ];
  const handler = createHandler({ kube, authenticator: createAuthenticator(authenticators), log, routes });
  const server = createServer(
    {
      cert: credentials.server.cert,
      key: credentials.server.key,
      ca: credentials.ca.cert,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: "TLSv1.2",
      // A watch is one long reply, so only the request has a time limit.
      requestTimeout: 60_000,
      headersTimeout: 20_000,
      keepAliveTimeout: 65_000,
      handshakeTimeout: 10_000,
      maxHeaderSize: 64 * 1024,
      shouldUpgradeCallback: mayUpgrade,
    },
    handler,
  );
  server.on("upgrade", onUpgrade(handler));
  server.maxConnections = options.maxConnections ?? 4096;
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  const drain = drainable(server);
  const port = await listen(server, { host, port: options.port ?? 0 });
  const shownHost = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const url = `https://${shownHost.includes(":") ? `[${shownHost}]` : shownHost}:${port}`;
  const stops = [startDefinitionController(kube, log)];
  if (options.controllers !== false) {
    stops.push(
      startNamespaceController(kube, log),
      startRoleAggregation(kube, log),
      startServiceAccountController(kube, credentials.ca.cert, log),
      startGarbageCollector(kube, log),
    );
  }
  if (options.controllers !== false && options.workloads !== false)
    stops.push(startWorkloadsSoon(kube, log, options.scheduler ?? true));
  const config = kubeconfig({
    name: options.name ?? "holdfast",
    server: url,
    caCert: credentials.ca.cert,
    client: credentials.admin,
  });
  const files: { kubeconfigFile?: string; caFile?: string } = {};
  if (dataDir !== undefined) {
    files.kubeconfigFile = join(dataDir, "kubeconfig");
    files.caFile = join(dataDir, "pki", "ca.crt");
    await writeSecretFile(files.kubeconfigFile, config);
  }
  return {
    server: url,
    version: KUBERNETES_VERSION,
    caCert: credentials.ca.cert,
    admin: credentials.admin,
    kubeconfig: config,
    ...files,
    context: kube,
    async stop() {
      stopping = true;
      for (const end of [...watches]) end();
      await Promise.all(stops.map((stop) => stop()));
      await drain(DRAIN_MS);
      webhooks.close();
      await store.close();
    },
  };
}

/** The server answers before they are loaded: they make up the larger part of its code, and start from whatever is stored. */
function startWorkloadsSoon(kube: KubeContext, log: Logger, scheduler: boolean): () => Promise<void> {
  let stopped = false;
  const starting = import("./controllers/workloads/start-workload-controllers.ts")
    .then(({ startWorkloadControllers }) => (stopped ? undefined : startWorkloadControllers(kube, log, { scheduler })))
    .catch((error: unknown) => {
      log.error("controllers of workloads cannot be started", { error });
    });
  return async () => {
    stopped = true;
    await (await starting)?.();
  };
}

/** Requests under way have this long to finish. */
const DRAIN_MS = 5000;
const ISSUER = "https://kubernetes.default.svc.cluster.local";
const SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

function randomSuffix(length: number): string {
  return [...randomBytes(length)].map((b) => SUFFIX_ALPHABET[b % SUFFIX_ALPHABET.length]).join("");
}

/** Namespaces and default roles every cluster has. */
async function ensureSystemObjects(kube: KubeContext): Promise<void> {
  const namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"].map((name) =>
    createInternal(kube, "namespaces", {
      kind: "Namespace",
      apiVersion: "v1",
      metadata: { name, labels: { "kubernetes.io/metadata.name": name } },
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
    }),
  );
  await Promise.all([...namespaces, ensureDefaultRoles(kube)]);
}
