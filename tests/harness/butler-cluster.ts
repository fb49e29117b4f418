// An embedded API server with Butler's kinds, its controller in the same process, and people who may ask but are judged by the webhooks.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StatusError } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { ButlerController } from "@holdfast/butler-controller/create-butler-controller";
import { API_VERSION, GROUP } from "@holdfast/contracts/butler-api/names";
import { createKube, type Kube } from "@holdfast/embedded-kube/create-kube";
import { startButler } from "@holdfast/local/butler-start";
import { LocalClusters } from "@holdfast/local/local-clusters";
import { KubeClient } from "@holdfast/runtime/kube/kube-client";
import { parseKubeconfig } from "@holdfast/runtime/kube/kube-connection";
import { SILENT } from "@holdfast/runtime/log/logger";
import { eventually } from "@holdfast/runtime/testkit/eventually";
import { type ToolName, tool } from "../tools/client-tools.ts";
import { type Outcome, runClient } from "../tools/run-client.ts";

/** People of the tests; each has a bearer token `NAME-token` and the right to write Butler's kinds and namespaces. */
export const PEOPLE = {
  root: "root@example.com",
  dana: "dana@example.com",
  oscar: "oscar@example.com",
  vera: "vera@example.com",
  otto: "otto@example.com",
} as const;
export type Person = keyof typeof PEOPLE;

export interface ButlerCluster {
  readonly kube: Kube;
  readonly controller: ButlerController;
  /** The provider `local`, where it was asked for. */
  readonly local: LocalClusters | undefined;
  /** As a member of system:masters. */
  readonly admin: KubeClient;
  as(person: Person): KubeClient;
  /** Runs kubectl against the server, as the administrator or as a person. */
  kubectl(
    args: readonly string[],
    options?: { readonly as?: Person; readonly input?: string; readonly tool?: ToolName },
  ): Promise<Outcome>;
  stop(): Promise<void>;
}

const ref = (plural: string, kind: string) => ({ group: GROUP, version: "v1alpha1", plural, kind });
export const REFS = {
  teams: ref("teams", "Team"),
  users: ref("users", "User"),
  clusters: ref("tenantclusters", "TenantCluster"),
  pools: ref("networkpools", "NetworkPool"),
  providers: ref("providerconfigs", "ProviderConfig"),
  policies: ref("clustercreationpolicies", "ClusterCreationPolicy"),
  allocations: ref("ipallocations", "IPAllocation"),
  namespaces: { group: "", version: "v1", plural: "namespaces", kind: "Namespace" },
  configMaps: { group: "", version: "v1", plural: "configmaps", kind: "ConfigMap" },
  validating: {
    group: "admissionregistration.k8s.io",
    version: "v1",
    plural: "validatingwebhookconfigurations",
    kind: "ValidatingWebhookConfiguration",
  },
} as const;

/** @param options.local - gives the controller the provider `local`, without nodes */
export async function startButlerCluster(options: { readonly local?: boolean } = {}): Promise<ButlerCluster> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-butler-"));
  const tokenFile = Object.entries(PEOPLE)
    .map(([name, email]) => `${name}-token,${email},uid-${name},"people"`)
    .join("\n");
  const kube = await createKube({ tokenFile });
  const client = (token?: string) => {
    const connection = parseKubeconfig(kube.kubeconfig, "kubeconfig");
    if (token === undefined) return new KubeClient(connection, { userAgent: "test" });
    const { cert: _cert, key: _key, ...rest } = connection;
    return new KubeClient({ ...rest, token: () => token }, { userAgent: "test" });
  };
  const admin = client();
  const local =
    options.local === true ? new LocalClusters({ dataDir: join(folder, "clusters"), log: SILENT }) : undefined;
  const controller = await startButler(admin, {
    host: "127.0.0.1",
    log: SILENT,
    ...(local === undefined ? {} : { localProvider: local }),
  });
  await grantPeople(admin);
  const clients = new Map<Person, KubeClient>();
  const as = (person: Person) => {
    let found = clients.get(person);
    if (found === undefined) {
      found = client(`${person}-token`);
      clients.set(person, found);
    }
    return found;
  };
  const config = join(folder, "kubeconfig");
  writeFileSync(config, kube.kubeconfig);
  return {
    kube,
    controller,
    local,
    admin,
    as,
    kubectl: (args, options = {}) =>
      runClient(
        tool(options.tool ?? "kubectl-1.34"),
        [
          "--kubeconfig",
          config,
          "--cache-dir",
          join(folder, "cache"),
          ...(options.as === undefined ? [] : ["--as", PEOPLE[options.as], "--as-group", "people"]),
          ...args,
        ],
        {
          ...(options.input === undefined ? {} : { input: options.input }),
        },
      ),
    async stop() {
      for (const c of clients.values()) c.close();
      await controller.stop();
      await local?.stop();
      admin.close();
      await kube.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The group `people` may write what Butler's webhooks judge; root is platform admin by a User object. */
async function grantPeople(admin: KubeClient): Promise<void> {
  const rbac = (plural: string, kind: string) => ({ group: "rbac.authorization.k8s.io", version: "v1", plural, kind });
  await admin.create(rbac("clusterroles", "ClusterRole"), {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "people" },
    rules: [
      // Everything but "update teams", which would make a person without a User object a platform admin: teams are patched.
      { apiGroups: [GROUP], resources: ["*"], verbs: ["get", "list", "watch", "create", "patch", "delete"] },
      { apiGroups: [GROUP], resources: ["tenantclusters", "networkpools", "providerconfigs"], verbs: ["update"] },
    ],
  });
  await admin.create(rbac("clusterrolebindings", "ClusterRoleBinding"), {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "people" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "people" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "people" }],
  });
  await admin.create(REFS.users, butler("User", { name: "root" }, { email: PEOPLE.root, isPlatformAdmin: true }));
}

/** A Butler object. */
export function butler(kind: string, metadata: Record<string, unknown>, spec: unknown): KubeObject {
  return { apiVersion: API_VERSION, kind, metadata: metadata as KubeObject["metadata"], spec };
}

/** A Team whose admin is dana, operator oscar, viewer vera, with the environments dev and prod. */
export function team(name: string, spec: Record<string, unknown> = {}): KubeObject {
  return butler(
    "Team",
    { name },
    {
      displayName: name,
      access: {
        users: [
          { name: PEOPLE.dana, role: "admin" },
          { name: PEOPLE.oscar, role: "operator" },
          { name: PEOPLE.vera, role: "viewer" },
        ],
      },
      environments: [{ name: "dev" }, { name: "prod" }],
      ...spec,
    },
  );
}

export function cluster(
  namespace: string,
  name: string,
  extra: {
    readonly env?: string;
    readonly spec?: Record<string, unknown>;
    readonly annotations?: Record<string, string>;
  } = {},
): KubeObject {
  return butler(
    "TenantCluster",
    {
      name,
      namespace,
      ...(extra.env === undefined ? {} : { labels: { "butler.butlerlabs.dev/environment": extra.env } }),
      ...(extra.annotations === undefined ? {} : { annotations: extra.annotations }),
    },
    { kubernetesVersion: "v1.34.2", teamRef: { name: namespace }, workers: { replicas: 1 }, ...extra.spec },
  );
}

/** What a request is refused with; throws when it passes. */
export async function refusalOf(
  request: Promise<unknown>,
): Promise<{ readonly code: number; readonly message: string }> {
  try {
    await request;
  } catch (error) {
    if (error instanceof StatusError) return { code: error.status.code ?? 0, message: error.status.message ?? "" };
    throw error;
  }
  throw new Error("the request was expected to be refused, and passed");
}

export function merge(body: unknown): { readonly type: "application/merge-patch+json"; readonly body: unknown } {
  return { type: "application/merge-patch+json", body };
}

/** Creates a Team and waits for its namespace. */
export async function createTeam(on: ButlerCluster, object: KubeObject): Promise<void> {
  await on.admin.create(REFS.teams, object);
  const name = object.metadata.name as string;
  await eventually(async () => {
    const found = await on.admin.get<KubeObject>(REFS.teams, name);
    return (found["status"] as { phase?: string } | undefined)?.phase === "Ready" ? true : undefined;
  }, `team ${name} becomes Ready`);
}
