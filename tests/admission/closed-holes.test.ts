// Each hole of the original that is closed here, seen from outside: through the API server, by its name.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { eventually } from "@holdfast/runtime/testkit/eventually";
import fc from "fast-check";
import {
  type ButlerCluster,
  butler,
  cluster,
  createTeam,
  merge,
  PEOPLE,
  REFS,
  refusalOf,
  startButlerCluster,
  team,
} from "../harness/butler-cluster.ts";

let on: ButlerCluster;
before(async () => {
  on = await startButlerCluster();
});
after(() => on.stop());

const scale = (namespace: string, name: string, replicas: number) =>
  on.as("dana").patch<KubeObject>(REFS.clusters, { name, namespace }, merge({ spec: { workers: { replicas } } }));
const nodes = (replicas: number) => ({ spec: { workers: { replicas } } });
const OPEN = { environments: [] };

test("quotas are checked by delta on UPDATE too: growing past a limit is refused, shrinking never", async () => {
  await createTeam(on, team("delta", { ...OPEN, resourceLimits: { maxTotalNodes: 5 } }));
  await on.as("dana").create(REFS.clusters, cluster("delta", "a", nodes(3)));
  const refused = await refusalOf(scale("delta", "a", 6));
  assert.equal(refused.code, 403);
  assert.match(refused.message, /total worker nodes \(6\) would exceed team "delta" node quota \(5\)/);
  await scale("delta", "a", 5);
  await on.admin.patch(REFS.teams, { name: "delta" }, merge({ spec: { resourceLimits: { maxTotalNodes: 2 } } }));
  await scale("delta", "a", 4);
  await on
    .as("dana")
    .patch(REFS.clusters, { name: "a", namespace: "delta" }, merge({ metadata: { labels: { x: "y" } } }));
  assert.equal((await refusalOf(scale("delta", "a", 5))).code, 403);
});

test("quotas are checked without a providerConfigRef too", async () => {
  await createTeam(on, team("bare", { ...OPEN, resourceLimits: { maxClusters: 1 } }));
  await on.as("dana").create(REFS.clusters, cluster("bare", "a"));
  const refused = await refusalOf(on.as("dana").create(REFS.clusters, cluster("bare", "b")));
  assert.equal(refused.code, 403);
  assert.match(refused.message, /team "bare" already has 1 cluster\(s\); team quota limits to 1/);
});

test("two creates at once never pass together: whatever is asked at the same moment, the limit holds", async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 4 }),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 8 }),
      async (maxClusters, sizes) => {
        const name = `race-${run++}`;
        const maxTotalNodes = 7;
        await createTeam(on, team(name, { ...OPEN, resourceLimits: { maxClusters, maxTotalNodes } }));
        const outcomes = await Promise.all(
          sizes.map((size, i) =>
            on
              .as(i % 2 === 0 ? "dana" : "oscar")
              .create(REFS.clusters, cluster(name, `c${i}`, nodes(size)))
              .then(
                () => size,
                () => 0,
              ),
          ),
        );
        const stored = (await on.admin.list<KubeObject>(REFS.clusters, name)).items;
        const total = stored.reduce(
          (sum, c) => sum + (c["spec"] as { workers: { replicas: number } }).workers.replicas,
          0,
        );
        assert.equal(stored.length, outcomes.filter((size) => size > 0).length);
        assert.ok(stored.length <= maxClusters, `${stored.length} clusters, ${maxClusters} are allowed`);
        assert.ok(total <= maxTotalNodes, `${total} nodes, ${maxTotalNodes} are allowed`);
        // Nothing is refused without need either: one cluster more would have been too much.
        if (stored.length < maxClusters)
          assert.ok(outcomes.every((size, i) => size > 0 || total + (sizes[i] as number) > maxTotalNodes));
      },
    ),
    { numRuns: 12 },
  );
});

test("a dry run reserves nothing", async () => {
  await createTeam(on, team("dry", { ...OPEN, resourceLimits: { maxClusters: 1 } }));
  for (let i = 0; i < 3; i++) await on.as("dana").create(REFS.clusters, cluster("dry", "a"), "?dryRun=All");
  await on.as("dana").create(REFS.clusters, cluster("dry", "b"));
  assert.equal((await refusalOf(on.as("dana").create(REFS.clusters, cluster("dry", "c"), "?dryRun=All"))).code, 403);
});

test("0 keeps each field's documented meaning, and admission warns which it is", async () => {
  const made = await on.kubectl(["create", "-f", "-"], {
    input: JSON.stringify(
      team("zero", { resourceLimits: { maxClusters: 0 }, environments: [{ name: "dev", limits: { maxClusters: 0 } }] }),
    ),
  });
  assert.match(
    made.stderr,
    /Warning: spec\.resourceLimits\.maxClusters is 0 and allows none; leave it out for no limit/,
  );
  assert.match(
    made.stderr,
    /Warning: spec\.environments\["dev"\]\.limits\.maxClusters is 0 and means no limit of the environment/,
  );
  await eventually(
    async () => ((await on.admin.find(REFS.namespaces, "zero")) === undefined ? undefined : true),
    "the team has its namespace",
  );
  const refused = await refusalOf(on.as("dana").create(REFS.clusters, cluster("zero", "a", { env: "dev" })));
  assert.match(refused.message, /team "zero" already has 0 cluster\(s\); team quota limits to 0/);
  await createTeam(on, team("nocap", { environments: [{ name: "dev", limits: { maxClusters: 0 } }] }));
  await on.as("dana").create(REFS.clusters, cluster("nocap", "a", { env: "dev" }));
});

const asOtto = (name: string, spec: unknown) => on.as("otto").patch(REFS.teams, { name }, merge({ spec }));

test("the team's admin is judged on the stored object: nobody promotes themselves in the request that needs it", async () => {
  await createTeam(on, team("self"));
  const access = { users: [{ name: PEOPLE.otto, role: "admin" }] };
  const refused = await refusalOf(
    asOtto("self", { access, environments: [{ name: "dev", limits: { maxClusters: 9 } }, { name: "prod" }] }),
  );
  assert.equal(refused.code, 403);
});

test("membership edits are gated: members and groups of a team are its admins' and the platform's to change", async () => {
  await createTeam(on, team("gated"));
  const access = {
    users: [
      ...(team("x")["spec"] as { access: { users: unknown[] } }).access.users,
      { name: PEOPLE.otto, role: "viewer" },
    ],
  };
  for (const person of ["oscar", "vera", "otto"] as const) {
    assert.equal(
      (await refusalOf(on.as(person).patch(REFS.teams, { name: "gated" }, merge({ spec: { access } })))).code,
      403,
      person,
    );
  }
  await on.as("dana").patch(REFS.teams, { name: "gated" }, merge({ spec: { access } }));
});

test("platformRole admin and a role mapped from IdP groups count as platform admin", async () => {
  await createTeam(on, team("roles"));
  const raise = (n: number) =>
    on.as("otto").patch(REFS.teams, { name: "roles" }, merge({ spec: { resourceLimits: { maxClusters: n } } }));
  assert.equal((await refusalOf(raise(1))).code, 403);
  await on.admin.create(
    REFS.users,
    butler("User", { name: "otto" }, { email: "OTTO@example.com", platformRole: "admin" }),
  );
  await raise(2);
  await on.admin.patch(REFS.users, { name: "otto" }, merge({ spec: { platformRole: "viewer" } }));
  assert.equal((await refusalOf(raise(3))).code, 403);
  const idp = {
    group: "butler.butlerlabs.dev",
    version: "v1alpha1",
    plural: "identityproviders",
    kind: "IdentityProvider",
  };
  await on.admin.create(
    idp,
    butler(
      "IdentityProvider",
      { name: "corp" },
      {
        type: "oidc",
        oidc: {
          issuerURL: "https://idp.example.com",
          clientID: "x",
          clientSecretRef: { name: "s" },
          redirectURL: "https://console.example.com/cb",
        },
        platformRoleGroups: [{ name: "people", role: "admin" }],
      },
    ),
  );
  await raise(4);
  await on.admin.delete(idp, "corp");
  assert.equal((await refusalOf(raise(5))).code, 403);
  await on.admin.delete(REFS.users, "otto");
});

test("an impersonated user without a User object is nobody", async () => {
  await createTeam(on, team("ghost"));
  const patch = ["patch", "team", "ghost", "--type", "merge", "-p", '{"spec":{"resourceLimits":{"maxClusters":1}}}'];
  const refused = await on.kubectl(["--as", "stranger@example.com", "--as-group", "people", ...patch]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /user "stranger@example\.com" is not a platform admin/);
});

test("of overlapping pools made at the same moment exactly one passes, and a pool that is refused reserves nothing", async () => {
  const pool = (name: string, cidr: string) => butler("NetworkPool", { name, namespace: "butler-system" }, { cidr });
  const names = Array.from({ length: 12 }, (_, index) => `race-${index}`);
  const outcomes = await Promise.allSettled(
    names.map((name) => on.admin.create(REFS.pools, pool(name, "10.70.0.0/24"))),
  );
  const won = names.filter((_, index) => outcomes[index]?.status === "fulfilled");
  assert.equal(won.length, 1);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected")
      assert.match(String(outcome.reason), /addresses 10\.70\.0\.1-10\.70\.0\.254 are also handed out by NetworkPool/);
  }
  await on.admin.delete(REFS.pools, won[0] as string, "butler-system");
  await on.admin.create(REFS.pools, pool("heir", "10.70.0.0/24"));
  // A dry run reserves nothing either.
  const dry = await on.kubectl(["apply", "--dry-run=server", "-f", "-"], {
    input: JSON.stringify(pool("dry", "10.71.0.0/24")),
  });
  assert.equal(dry.code, 0, dry.stderr);
  await on.admin.create(REFS.pools, pool("wet", "10.71.0.0/24"));
});

test("pools do not hand out the same addresses, nor reserve what is allocated, nor network and broadcast addresses", async () => {
  const pool = (name: string, spec: unknown) => butler("NetworkPool", { name, namespace: "butler-system" }, spec);
  await on.admin.create(
    REFS.pools,
    pool("first", { cidr: "10.60.0.0/24", tenantAllocation: { ranges: [{ start: "10.60.0.10", end: "10.60.0.99" }] } }),
  );
  const overlap = await refusalOf(on.admin.create(REFS.pools, pool("second", { cidr: "10.60.0.0/25" })));
  assert.match(overlap.message, /are also handed out by NetworkPool "first" in namespace "butler-system"/);
  await on.admin.create(REFS.allocations, {
    ...butler(
      "IPAllocation",
      { name: "taken", namespace: "butler-system", labels: { "butler.butlerlabs.dev/network-pool": "first" } },
      {
        poolRef: { name: "first" },
        tenantClusterRef: { name: "c", namespace: "t" },
        type: "nodes",
      },
    ),
  });
  await on.admin.patch(
    REFS.allocations,
    { name: "taken", namespace: "butler-system", subresource: "status" },
    merge({
      status: { phase: "Allocated", addresses: ["10.60.0.20"], startAddress: "10.60.0.20", endAddress: "10.60.0.20" },
    }),
  );
  const reserved = await refusalOf(
    on.admin.patch(
      REFS.pools,
      { name: "first", namespace: "butler-system" },
      merge({ spec: { reserved: [{ cidr: "10.60.0.16/28" }] } }),
    ),
  );
  assert.match(reserved.message, /cannot reserve 10\.60\.0\.20: IPAllocation "taken" in namespace "butler-system"/);
  const deleted = await refusalOf(on.admin.delete(REFS.pools, "first", "butler-system"));
  assert.match(
    deleted.message,
    /cannot delete NetworkPool "first": IPAllocation "taken" in namespace "butler-system" is still in phase Allocated/,
  );
  const warned = await on.kubectl(["create", "-f", "-"], {
    input: JSON.stringify(
      pool("edges", { cidr: "10.61.0.0/24", tenantAllocation: { ranges: [{ start: "10.61.0.0", end: "10.61.0.9" }] } }),
    ),
  });
  assert.match(
    warned.stderr,
    /Warning: the network and broadcast address of 10\.61\.0\.0\/24 are in a range; they are never handed out/,
  );
});

test("provider and scope are immutable while clusters use them, and a provider in use is not deleted", async () => {
  await createTeam(on, team("users", OPEN));
  const provider = butler("ProviderConfig", { name: "used", namespace: "butler-system" }, { provider: "local" });
  await on.admin.create(REFS.providers, provider);
  await on.as("dana").create(REFS.clusters, cluster("users", "a", { spec: { providerConfigRef: { name: "used" } } }));
  const patch = (spec: unknown) =>
    on.admin.patch(REFS.providers, { name: "used", namespace: "butler-system" }, merge({ spec }));
  const changed = await refusalOf(
    patch({ provider: "harvester", credentialsRef: { name: "c" }, harvester: { networkName: "a/b" } }),
  );
  assert.match(
    changed.message,
    /cannot change provider from "local" to "harvester": TenantCluster users\/a still references it/,
  );
  await createTeam(on, team("strangers", OPEN));
  const narrowed = await refusalOf(patch({ scope: { type: "team", teamRef: { name: "strangers" } } }));
  assert.match(
    narrowed.message,
    /cannot change scope from platform to team "strangers": TenantCluster users\/a of team "users" still references it/,
  );
  const deleted = await refusalOf(on.admin.delete(REFS.providers, "used", "butler-system"));
  assert.match(deleted.message, /cannot delete ProviderConfig "used": TenantCluster users\/a still references it/);
});

test("a Team cannot adopt an existing namespace", async () => {
  await on.admin.create(REFS.namespaces, { kind: "Namespace", apiVersion: "v1", metadata: { name: "taken" } });
  const refused = await refusalOf(on.admin.create(REFS.teams, team("taken")));
  assert.equal(refused.code, 403);
  assert.match(refused.message, /namespace/);
  const system = await refusalOf(on.admin.create(REFS.teams, team("kube-system")));
  assert.equal(system.code, 403);
});

test("a cluster of one team is not put into the namespace of another", async () => {
  await createTeam(on, team("mine", OPEN));
  await createTeam(on, team("yours", OPEN));
  const refused = await refusalOf(
    on.as("dana").create(REFS.clusters, cluster("yours", "a", { spec: { teamRef: { name: "mine" } } })),
  );
  assert.match(refused.message, /namespace "yours" belongs to team "yours", but TenantCluster references team "mine"/);
});

test("clusterDefaults of team and environment are applied, the environment's before the team's, what is asked for before both", async () => {
  await createTeam(
    on,
    team("defaults", {
      clusterDefaults: { workerCPU: 6, workerMemoryGi: 24 },
      environments: [{ name: "dev", clusterDefaults: { workerCPU: 2 } }, { name: "prod" }],
    }),
  );
  const apply = (name: string, env: string, machineTemplate?: object) =>
    on.kubectl(["apply", "-f", "-"], {
      input: JSON.stringify(
        cluster("defaults", name, {
          env,
          spec: { workers: { replicas: 1, ...(machineTemplate === undefined ? {} : { machineTemplate }) } },
        }),
      ),
    });
  const templateOf = async (name: string) =>
    (
      (await on.admin.get<KubeObject>(REFS.clusters, name, "defaults"))["spec"] as {
        workers: { machineTemplate?: { cpu: number; memory: string } };
      }
    ).workers.machineTemplate;
  await apply("dev", "dev");
  await apply("prod", "prod");
  await apply("own", "dev", { cpu: 8 });
  assert.equal((await templateOf("dev"))?.cpu, 2);
  assert.equal((await templateOf("dev"))?.memory, "24Gi");
  assert.equal((await templateOf("prod"))?.cpu, 6);
  assert.equal((await templateOf("own"))?.cpu, 8);
});

test("a Team with clusters is not torn down, and leaves nothing behind when it goes", async () => {
  await createTeam(on, team("leaving", OPEN));
  await on.as("dana").create(REFS.clusters, cluster("leaving", "last"));
  await on.admin.delete(REFS.teams, "leaving");
  await eventually(async () => {
    const found = await on.admin.get<KubeObject>(REFS.teams, "leaving");
    const ready = (found["status"] as { conditions?: { type: string; reason: string }[] }).conditions?.find(
      (c) => c.type === "Ready",
    );
    return ready?.reason === "DeletionBlocked" ? true : undefined;
  }, "the deletion is blocked");
  await on.admin.delete(REFS.clusters, "last", "leaving");
  await eventually(
    async () => ((await on.admin.find(REFS.teams, "leaving")) === undefined ? true : undefined),
    "the team goes",
  );
  assert.equal(await on.admin.find(REFS.namespaces, "leaving"), undefined);
});
