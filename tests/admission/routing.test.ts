import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
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

let on: ButlerCluster;
before(async () => {
  on = await startButlerCluster();
  await createTeam(on, team("alpha"));
  for (const name of ["plain", "free"])
    await on.admin.create(REFS.namespaces, { kind: "Namespace", apiVersion: "v1", metadata: { name } });
});
after(() => on.stop());

const yaml = (object: KubeObject) => JSON.stringify(object);

/** Takes the webhooks away for one call: the negative of "is routed". */
async function withoutWebhooks<T>(run: () => Promise<T>): Promise<T> {
  const configuration = await on.admin.get<KubeObject>(REFS.validating, "butler-controller");
  await on.admin.delete(REFS.validating, "butler-controller");
  try {
    return await run();
  } finally {
    const {
      resourceVersion: _rv,
      uid: _uid,
      creationTimestamp: _at,
      managedFields: _mf,
      ...metadata
    } = configuration.metadata;
    await on.admin.create(REFS.validating, { ...configuration, metadata });
  }
}

test("[bt-routed] a Team with limits set by somebody who may not is denied by vteam.kb.io through kubectl, and stored without webhooks", async () => {
  const object = team("limited", { resourceLimits: { maxClusters: 1 } });
  const denied = await on.kubectl(["create", "-f", "-"], { as: "dana", input: yaml(object) });
  assert.equal(denied.code, 1);
  assert.match(
    denied.stderr,
    /admission webhook "vteam\.kb\.io" denied the request: spec\.resourceLimits may only be set by platform admins; user "dana@example\.com" is not a platform admin/,
  );
  const stored = await withoutWebhooks(() => on.kubectl(["create", "-f", "-"], { as: "dana", input: yaml(object) }));
  assert.equal(stored.stdout, "team.butler.butlerlabs.dev/limited created\n");
});

test("[btc-routed] a TenantCluster in an environment the team lacks is denied by vtenantcluster.kb.io, and stored without webhooks", async () => {
  const object = cluster("alpha", "lost", { env: "moon" });
  const denied = await on.kubectl(["create", "-f", "-"], { as: "dana", input: yaml(object) });
  assert.equal(denied.code, 1);
  assert.match(denied.stderr, /admission webhook "vtenantcluster\.kb\.io" denied the request: .*moon.*"dev", "prod"/);
  const stored = await withoutWebhooks(() => on.kubectl(["create", "-f", "-"], { as: "dana", input: yaml(object) }));
  assert.equal(stored.stdout, "tenantcluster.butler.butlerlabs.dev/lost created\n");
});

test("[bnp-routed] a NetworkPool whose reserved block lies outside of it is denied by vnetworkpool.kb.io, and stored without webhooks", async () => {
  const object = butler(
    "NetworkPool",
    { name: "wild", namespace: "free" },
    { cidr: "10.1.0.0/24", reserved: [{ cidr: "10.2.0.0/28" }] },
  );
  const denied = await on.kubectl(["create", "-f", "-"], { as: "dana", input: yaml(object) });
  assert.equal(denied.code, 1);
  assert.match(
    denied.stderr,
    /admission webhook "vnetworkpool\.kb\.io" denied the request: spec: Invalid value: "10\.1\.0\.0\/24": reserved CIDR "10\.2\.0\.0\/28" is not within pool CIDR "10\.1\.0\.0\/24"/,
  );
  const stored = await withoutWebhooks(() => on.kubectl(["create", "-f", "-"], { as: "dana", input: yaml(object) }));
  assert.equal(stored.stdout, "networkpool.butler.butlerlabs.dev/wild created\n");
});

test("[bpc-routed] a ProviderConfig of scope team without teamRef is denied by vproviderconfig.kb.io, and stored without webhooks", async () => {
  const object = butler(
    "ProviderConfig",
    { name: "nobody", namespace: "free" },
    { provider: "local", scope: { type: "team" } },
  );
  const denied = await on.kubectl(["create", "-f", "-"], { as: "dana", input: yaml(object) });
  assert.equal(denied.code, 1);
  assert.match(
    denied.stderr,
    /admission webhook "vproviderconfig\.kb\.io" denied the request: .*teamRef is required when scope type is "team"/,
  );
  const stored = await withoutWebhooks(() => on.kubectl(["create", "-f", "-"], { as: "dana", input: yaml(object) }));
  assert.equal(stored.stdout, "providerconfig.butler.butlerlabs.dev/nobody created\n");
});

test("[btc-unlabeled-namespace] a TenantCluster in a namespace without labels is judged, and a valid one stored", async () => {
  const refused = await refusalOf(
    on.as("dana").create(REFS.clusters, cluster("plain", "bad", { spec: { teamRef: { name: "alpha" } } })),
  );
  assert.equal(refused.code, 403);
  assert.match(refused.message, /team "alpha" defines environments/);
  const stored = await on
    .as("dana")
    .create<KubeObject>(REFS.clusters, cluster("plain", "good", { env: "dev", spec: { teamRef: { name: "alpha" } } }));
  assert.equal(stored.metadata.name, "good");
});

test("[bnp-unlabeled-namespace] a NetworkPool in a namespace without labels is judged, and a valid one stored", async () => {
  const refused = await refusalOf(
    on
      .as("dana")
      .create(
        REFS.pools,
        butler(
          "NetworkPool",
          { name: "bad", namespace: "plain" },
          { cidr: "10.3.0.0/24", reserved: [{ cidr: "10.9.0.0/28" }] },
        ),
      ),
  );
  assert.equal(refused.code, 403);
  assert.match(refused.message, /is not within pool CIDR/);
  const stored = await on
    .as("dana")
    .create<KubeObject>(
      REFS.pools,
      butler("NetworkPool", { name: "good", namespace: "plain" }, { cidr: "10.3.0.0/24" }),
    );
  assert.equal(stored.metadata.name, "good");
});

test("[bpc-unlabeled-namespace] a ProviderConfig in a namespace without labels is judged, and a valid one stored", async () => {
  const refused = await refusalOf(
    on
      .as("dana")
      .create(
        REFS.providers,
        butler("ProviderConfig", { name: "bad", namespace: "plain" }, { provider: "local", scope: { type: "team" } }),
      ),
  );
  assert.equal(refused.code, 403);
  const stored = await on
    .as("dana")
    .create<KubeObject>(
      REFS.providers,
      butler("ProviderConfig", { name: "good", namespace: "plain" }, { provider: "local" }),
    );
  assert.equal(stored.metadata.name, "good");
});

const reviews = () =>
  ["vtenantcluster.kb.io", "vteam.kb.io", "vnetworkpool.kb.io", "vproviderconfig.kb.io"].reduce(
    (sum, webhook) =>
      sum +
      ["allowed", "denied", "error"].reduce(
        (n, outcome) => n + on.controller.metrics.get("butler_webhook_requests_total", { webhook, outcome }),
        0,
      ),
    0,
  );

test("[bfe-step5-read-no-webhook] 20 reads of the four kinds ask no webhook, one mutation asks one", async () => {
  const counted = reviews();
  for (let i = 0; i < 5; i++) {
    await on.admin.list(REFS.teams);
    await on.admin.get(REFS.teams, "alpha");
    await on.admin.list(REFS.clusters);
    await on.admin.list(REFS.pools);
  }
  await on.admin.list(REFS.providers);
  const { value } = await on.admin.watch(REFS.teams, "", { resourceVersion: "0" }, AbortSignal.timeout(5000)).next();
  assert.equal((value as { type: string }).type, "ADDED");
  assert.equal(reviews() - counted, 0);
  await on.admin.patch(REFS.teams, { name: "alpha" }, merge({ spec: { description: "one mutation" } }));
  assert.equal(reviews() - counted, 1);
});

test("[bfe-step5-read] kubectl get teams succeeds, also while the webhook is unreachable, and fails without the tenancy API", async () => {
  const configuration = await on.admin.get<KubeObject>(REFS.validating, "butler-controller");
  const webhooks = configuration["webhooks"] as { clientConfig: { url: string } }[];
  const urls = webhooks.map((w) => w.clientConfig.url);
  const point = async (url: (i: number) => string) => {
    const now = await on.admin.get<KubeObject>(REFS.validating, "butler-controller");
    for (const [i, webhook] of (now["webhooks"] as { clientConfig: { url: string } }[]).entries())
      webhook.clientConfig.url = url(i);
    await on.admin.update(REFS.validating, now);
  };
  await point(() => "https://127.0.0.1:1/x");
  try {
    const read = await on.kubectl(["get", "teams"]);
    assert.equal(read.code, 0);
    assert.match(
      read.stdout,
      /^NAME +DISPLAY NAME +PHASE +NAMESPACE +CLUSTERS +QUOTA +AGE\nalpha +alpha +Ready +alpha /,
    );
    const refused = await on.kubectl([
      "patch",
      "team",
      "alpha",
      "--type",
      "merge",
      "-p",
      '{"spec":{"displayName":"Alpha"}}',
    ]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /failed calling webhook "vteam\.kb\.io"/);
  } finally {
    await point((i) => urls[i] as string);
  }
  const absent = await on.kubectl(["get", "teams.nonesuch.example"]);
  assert.equal(absent.code, 1);
  assert.match(absent.stderr, /the server doesn't have a resource type "teams"/);
});

test("[bfe-step5-mutation] a benign change of displayName passes and is counted; with the webhook stopped it is refused", async () => {
  const counted = on.controller.metrics.get("butler_webhook_requests_total", {
    webhook: "vteam.kb.io",
    outcome: "allowed",
  });
  const patched = await on.kubectl([
    "patch",
    "team",
    "alpha",
    "--type",
    "merge",
    "-p",
    '{"spec":{"displayName":"Alpha two"}}',
  ]);
  assert.equal(patched.stdout, "team.butler.butlerlabs.dev/alpha patched\n");
  assert.equal(
    on.controller.metrics.get("butler_webhook_requests_total", { webhook: "vteam.kb.io", outcome: "allowed" }) -
      counted,
    1,
  );
});
