// A TenantCluster at the provider local, through the real API server and the real webhooks: from the object to a cluster that answers.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { KubeClient } from "@holdfast/runtime/kube/kube-client";
import { parseKubeconfig } from "@holdfast/runtime/kube/kube-connection";
import { eventually } from "@holdfast/runtime/testkit/eventually";
import {
  type ButlerCluster,
  butler,
  cluster,
  createTeam,
  merge,
  REFS,
  refusalOf,
  startButlerCluster,
  team,
} from "../harness/butler-cluster.ts";

const SECRETS = { group: "", version: "v1", plural: "secrets", kind: "Secret" };
const BINDINGS = { group: "rbac.authorization.k8s.io", version: "v1", plural: "rolebindings", kind: "RoleBinding" };
const CONFIG_MAPS = REFS.configMaps;

interface Status {
  phase?: string;
  tenantNamespace?: string;
  controlPlaneEndpoint?: string;
  kubeconfigSecretRef?: { name: string };
  conditions?: { type: string; status: string; reason: string; message: string }[];
}

let on: ButlerCluster;

before(async () => {
  on = await startButlerCluster({ local: true });
  await on.admin.create(
    REFS.providers,
    butler("ProviderConfig", { name: "local", namespace: "butler-system" }, { provider: "local" }),
  );
  await createTeam(on, team("acme"));
});
after(() => on.stop());

const LOCAL = { providerConfigRef: { name: "local" } };

/** A cluster of the team acme in its environment dev. */
function tenant(name: string, spec: Record<string, unknown>): KubeObject {
  return cluster("acme", name, { env: "dev", spec });
}

async function statusOf(name: string, namespace = "acme"): Promise<Status> {
  return ((await on.admin.get<KubeObject>(REFS.clusters, name, namespace))["status"] ?? {}) as Status;
}

function untilPhase(name: string, phase: string): Promise<Status> {
  return eventually(async () => {
    const status = await statusOf(name);
    return status.phase === phase ? status : undefined;
  }, `cluster ${name} becomes ${phase}`);
}

function condition(status: Status, type: string) {
  return status.conditions?.find((c) => c.type === type);
}

/** Every namespace, binding and secret outside of what tests make themselves. */
async function everything(): Promise<string[]> {
  const lists = await Promise.all(
    [REFS.namespaces, BINDINGS, SECRETS, CONFIG_MAPS].map(async (ref) => (await on.admin.list<KubeObject>(ref)).items),
  );
  return lists
    .flat()
    .filter((o) => !(o.metadata.name as string).startsWith("butler-quota"))
    .map((o) => `${o.kind} ${o.metadata.namespace ?? ""}/${o.metadata.name}`)
    .sort();
}

async function remove(name: string): Promise<void> {
  await on.admin.delete(REFS.clusters, name, "acme");
  await eventually(
    async () => ((await on.admin.find(REFS.clusters, name, "acme")) === undefined ? true : undefined),
    `cluster ${name} is gone`,
  );
}

test("a cluster is Ready within two seconds, and its kubeconfig leads to an API server of its own", async () => {
  const started = performance.now();
  await on.admin.create(REFS.clusters, tenant("first", LOCAL));
  const status = await untilPhase("first", "Ready");
  assert.ok(performance.now() - started < 2000, `it took ${Math.round(performance.now() - started)} ms`);
  const secret = await on.admin.get<KubeObject>(
    SECRETS,
    status.kubeconfigSecretRef?.name as string,
    status.tenantNamespace as string,
  );
  const data = secret["data"] as Record<string, string>;
  const connection = parseKubeconfig(Buffer.from(data["admin.conf"] as string, "base64").toString(), "admin.conf");
  assert.equal(new URL(connection.server).host, status.controlPlaneEndpoint);
  const inside = new KubeClient(connection, { userAgent: "test" });
  await inside.create(CONFIG_MAPS, {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "mine", namespace: "default" },
  });
  assert.equal(await on.admin.find(CONFIG_MAPS, "mine", "default"), undefined);
  inside.close();
  await remove("first");
});

test("deleting a cluster leaves nothing behind", async () => {
  const before = await everything();
  const created = await on.admin.create<KubeObject>(REFS.clusters, tenant("traceless", LOCAL));
  const status = await untilPhase("traceless", "Ready");
  assert.notDeepEqual(await everything(), before);
  await remove("traceless");
  await eventually(
    async () =>
      (await on.admin.find(REFS.namespaces, status.tenantNamespace as string)) === undefined ? true : undefined,
    "the tenant namespace is gone",
  );
  assert.deepEqual(await everything(), before);
  const { uid = "" } = created.metadata;
  const identity = { uid, namespace: "acme", name: "traceless", tenantNamespace: status.tenantNamespace as string };
  assert.equal(await on.local?.observe(identity), undefined);
});

test("members have their role in the tenant namespace: a viewer never reads the administrator's kubeconfig", async () => {
  await on.admin.create(REFS.clusters, tenant("seen", LOCAL));
  const { tenantNamespace = "" } = await untilPhase("seen", "Ready");
  const may = async (who: string, verb: string, resource: string) => {
    const outcome = await on.kubectl(["auth", "can-i", verb, resource, "-n", tenantNamespace, "--as", who]);
    return outcome.stdout.trim();
  };
  assert.equal(await may("vera@example.com", "list", "pods"), "yes");
  assert.equal(await may("vera@example.com", "get", "secrets"), "no");
  assert.equal(await may("oscar@example.com", "create", "pods"), "yes");
  assert.equal(await may("dana@example.com", "create", "rolebindings.rbac.authorization.k8s.io"), "yes");
  assert.equal(await may("eve@example.com", "list", "pods"), "no");
  await on.admin.patch(
    REFS.teams,
    { name: "acme" },
    merge({
      spec: {
        access: {
          users: [
            { name: "dana@example.com", role: "viewer" },
            { name: "root@example.com", role: "admin" },
          ],
        },
      },
    }),
  );
  await eventually(
    async () => ((await may("dana@example.com", "get", "secrets")) === "no" ? true : undefined),
    "dana is a viewer",
  );
  assert.equal(await may("dana@example.com", "list", "pods"), "yes");
  await on.admin.patch(REFS.teams, { name: "acme" }, merge({ spec: team("acme")["spec"] }));
  await remove("seen");
});

test("a binding that somebody takes away comes back", async () => {
  await on.admin.create(REFS.clusters, tenant("bound", LOCAL));
  const { tenantNamespace = "" } = await untilPhase("bound", "Ready");
  const bindings = async () =>
    (await on.admin.list<KubeObject>(BINDINGS, tenantNamespace)).items.map((b) => b.metadata.name);
  const names = await bindings();
  assert.equal(names.length, 3);
  await on.admin.delete(BINDINGS, names[0] as string, tenantNamespace);
  await eventually(async () => ((await bindings()).length === 3 ? true : undefined), "the binding is back");
  await remove("bound");
});

test("a cluster whose provider is missing waits with a sentence, and goes on when the provider comes", async () => {
  await on.admin.create(REFS.clusters, tenant("early", {}));
  const waiting = await untilPhase("early", "Pending");
  assert.equal(
    condition(waiting, "Ready")?.message,
    'ProviderConfig "butler-system/default" does not exist; create it, or set spec.providerConfigRef to one that does',
  );
  const named = { name: "default", namespace: "butler-system" };
  await on.admin.create(REFS.providers, butler("ProviderConfig", named, { provider: "local" }));
  await untilPhase("early", "Ready");
  await remove("early");
  await on.admin.delete(REFS.providers, "default", "butler-system");
});

test("a cluster at a provider nobody can serve fails with a sentence, and nothing is made for it", async () => {
  const late = { providerConfigRef: { name: "late" } };
  await on.admin.create(
    REFS.providers,
    butler(
      "ProviderConfig",
      { name: "late", namespace: "butler-system" },
      { provider: "aws", aws: { region: "x" }, credentialsRef: { name: "c" } },
    ),
  );
  await on.admin.create(REFS.clusters, tenant("waiting", late));
  const failed = await untilPhase("waiting", "Failed");
  assert.equal(condition(failed, "Ready")?.message, 'this controller cannot make clusters at providers of kind "aws"');
  assert.equal((await on.admin.get<KubeObject>(REFS.clusters, "waiting", "acme")).metadata.finalizers, undefined);
  await remove("waiting");
  await on.admin.delete(REFS.providers, "late", "butler-system");
});

test("managementPolicy Observe makes nothing, and tells what is there", async () => {
  const observed = { ...LOCAL, managementPolicy: { mode: "Observe" } };
  await on.admin.create(REFS.clusters, tenant("watched", observed));
  const status = await untilPhase("watched", "Pending");
  assert.equal(status.tenantNamespace, undefined);
  assert.equal(
    (await on.admin.list(BINDINGS)).items.filter((b) => b.metadata.namespace?.includes("watched")).length,
    0,
  );
  await on.admin.patch(
    REFS.clusters,
    { name: "watched", namespace: "acme" },
    merge({ spec: { managementPolicy: { mode: "Active" } } }),
  );
  await untilPhase("watched", "Ready");
  await remove("watched");
});

test("quotas are judged again after Ready: a lowered limit is told, nothing is taken away", async () => {
  await on.admin.create(REFS.clusters, tenant("kept", LOCAL));
  await untilPhase("kept", "Ready");
  await on.as("root").patch(REFS.teams, { name: "acme" }, merge({ spec: { resourceLimits: { maxClusters: 0 } } }));
  const status = await eventually(async () => {
    const found = await statusOf("kept");
    return condition(found, "QuotaSatisfied")?.status === "False" ? found : undefined;
  }, "the lowered limit is told");
  assert.equal(status.phase, "Ready");
  assert.deepEqual(
    [condition(status, "Ready")?.status, condition(status, "Ready")?.reason],
    ["True", "ReconcileDegraded"],
  );
  assert.match((await refusalOf(on.as("root").create(REFS.clusters, tenant("more", LOCAL)))).message, /quota/);
  const usage = (await on.admin.get<KubeObject>(REFS.teams, "acme"))["status"] as { quotaStatus?: string };
  assert.equal(usage.quotaStatus, "Exceeded");
  await on.as("root").patch(REFS.teams, { name: "acme" }, merge({ spec: { resourceLimits: null } }));
  await remove("kept");
});
