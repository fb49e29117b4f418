// Every rule of the five webhooks, with the sentence clients of the original know, through the API server.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
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

const CREATOR = "butler.butlerlabs.dev/creator-email";
const SYSTEM = "butler-system";

let on: ButlerCluster;
before(async () => {
  on = await startButlerCluster();
});
after(() => on.stop());

async function refuses(request: Promise<unknown>, message: RegExp): Promise<void> {
  const refused = await refusalOf(request);
  assert.equal(refused.code, 403, refused.message);
  assert.match(refused.message, message);
}
const pool = (name: string, spec: unknown) =>
  on.admin.create(REFS.pools, butler("NetworkPool", { name, namespace: SYSTEM }, spec));
const provider = (name: string, spec: unknown) =>
  on.admin.create(REFS.providers, butler("ProviderConfig", { name, namespace: SYSTEM }, spec));
const policy = (name: string, spec: unknown) =>
  on.admin.create(REFS.policies, butler("ClusterCreationPolicy", { name }, spec));

test("Team: limits of environments of a new team are a platform admin's", async () => {
  await refuses(
    on.as("dana").create(REFS.teams, team("fresh", { environments: [{ name: "dev", limits: { maxClusters: 1 } }] })),
    /spec\.environments\[0\]\.limits on a new team may only be set by platform admins; user "dana@example\.com" is not a platform admin/,
  );
});

test("Team: adding an environment with limits and removing one that has some are changes, adding one without is none", async () => {
  await createTeam(on, team("envs", { environments: [{ name: "dev", limits: { maxClusters: 1 } }] }));
  const patch = (environments: unknown) =>
    on.as("oscar").patch(REFS.teams, { name: "envs" }, merge({ spec: { environments } }));
  const neither =
    /spec\.environments\[\]\.limits may only be modified by team admins of "envs" or platform admins; user "oscar@example\.com" is neither/;
  await refuses(
    patch([
      { name: "dev", limits: { maxClusters: 1 } },
      { name: "qa", limits: { maxClusters: 1 } },
    ]),
    neither,
  );
  await refuses(patch([]), neither);
  await patch([{ name: "dev", limits: { maxClusters: 1 } }, { name: "qa" }]);
});

test("Team: access of an environment brings in nobody from outside of the team", async () => {
  await createTeam(on, team("inside"));
  await refuses(
    on.as("dana").patch(
      REFS.teams,
      { name: "inside" },
      merge({
        spec: { environments: [{ name: "dev", access: { users: [{ name: PEOPLE.otto, role: "viewer" }] } }] },
      }),
    ),
    /spec\.environments\[0\]\.access\.users\["otto@example\.com"\] is not a team member; env access is additive only and cannot introduce subjects absent from spec\.access\.users/,
  );
  await refuses(
    on
      .as("dana")
      .patch(
        REFS.teams,
        { name: "inside" },
        merge({ spec: { environments: [{ name: "dev", access: { groups: [{ name: "ops", role: "viewer" }] } }] } }),
      ),
    /spec\.environments\[0\]\.access\.groups\["ops"\] is not a team group; env access is additive only and cannot introduce groups absent from spec\.access\.groups/,
  );
});

test("TenantCluster: an environment holds as many clusters as it may", async () => {
  await createTeam(on, team("full", { environments: [{ name: "dev", limits: { maxClusters: 1 } }] }));
  await refuses(
    on.as("dana").create(REFS.clusters, cluster("full", "none")),
    /team "full" defines environments; TenantClusters must carry this label set to one of the team's env names/,
  );
  await on.as("dana").create(REFS.clusters, cluster("full", "a", { env: "dev" }));
  await refuses(
    on.as("dana").create(REFS.clusters, cluster("full", "b", { env: "dev" })),
    /environment "dev" in team "full" already has 1 cluster\(s\); env quota limits to 1/,
  );
});

test("TenantCluster: with a cap per member the creator is named, is oneself, and stays", async () => {
  await createTeam(on, team("named", { environments: [{ name: "dev", limits: { maxClustersPerMember: 2 } }] }));
  await refuses(
    on.as("dana").create(REFS.clusters, cluster("named", "a", { env: "dev" })),
    /environment "dev" sets maxClustersPerMember; TenantClusters must carry the butler\.butlerlabs\.dev\/creator-email annotation/,
  );
  await refuses(
    on
      .as("dana")
      .create(REFS.clusters, cluster("named", "a", { env: "dev", annotations: { [CREATOR]: PEOPLE.oscar } })),
    /must match the requesting identity "dana@example\.com"/,
  );
  await on
    .as("dana")
    .create(REFS.clusters, cluster("named", "a", { env: "dev", annotations: { [CREATOR]: "Dana@Example.com" } }));
  await refuses(
    on
      .as("dana")
      .patch(
        REFS.clusters,
        { name: "a", namespace: "named" },
        merge({ metadata: { annotations: { [CREATOR]: PEOPLE.vera } } }),
      ),
    /butler\.butlerlabs\.dev\/creator-email is immutable; cannot change from "Dana@Example\.com" to "vera@example\.com"/,
  );
});

test("TenantCluster: the provider exists, is the platform's or the team's own, and has room", async () => {
  await createTeam(on, team("prov", { environments: [] }));
  await createTeam(on, team("else", { environments: [] }));
  const create = (name: string, ref: string, replicas = 1) =>
    on
      .as("dana")
      .create(
        REFS.clusters,
        cluster("prov", name, { spec: { providerConfigRef: { name: ref }, workers: { replicas } } }),
      );
  await refuses(create("a", "nonesuch"), /spec\.providerConfigRef.*Not found.*nonesuch/);
  await provider("foreign", { provider: "local", scope: { type: "team", teamRef: { name: "else" } } });
  await refuses(
    create("a", "foreign"),
    /ProviderConfig "foreign" is scoped to team "else", but TenantCluster references team "prov"/,
  );
  await provider("small", { provider: "local", limits: { maxClustersPerTeam: 1, maxNodesPerTeam: 3 } });
  await refuses(
    create("a", "small", 4),
    /total worker replicas \(4\) would exceed ProviderConfig "small" per-team node limit \(3\)/,
  );
  await create("a", "small", 2);
  await refuses(
    create("b", "small"),
    /team namespace "prov" already has 1 cluster\(s\); ProviderConfig "small" limits to 1/,
  );
});

test("TenantCluster: every limit of the team is kept", async () => {
  const limits = { maxTotalNodes: 4, maxNodesPerCluster: 3, maxCPUCores: "12", maxMemory: "40Gi", maxStorage: "300Gi" };
  await createTeam(on, team("quota", { environments: [], resourceLimits: limits }));
  const create = (name: string, replicas: number, machineTemplate: object = {}) =>
    on.as("dana").create(REFS.clusters, cluster("quota", name, { spec: { workers: { replicas, machineTemplate } } }));
  await refuses(
    create("a", 4, { cpu: 1, memory: "1Gi", diskSize: "1Gi" }),
    /worker replicas \(4\) exceeds team "quota" per-cluster node limit \(3\)/,
  );
  await refuses(
    create("a", 3, { cpu: 5, memory: "1Gi", diskSize: "1Gi" }),
    /total CPU \(15\) would exceed team "quota" CPU quota \(12\)/,
  );
  await refuses(
    create("a", 3, { cpu: 1, memory: "16Gi", diskSize: "1Gi" }),
    /total memory \(48Gi\) would exceed team "quota" memory quota \(40Gi\)/,
  );
  await refuses(
    create("a", 2, { cpu: 1, memory: "1Gi", diskSize: "200Gi" }),
    /total storage \(400Gi\) would exceed team "quota" storage quota \(300Gi\)/,
  );
  await create("a", 3, { cpu: 1, memory: "1Gi", diskSize: "1Gi" });
  await refuses(
    create("b", 2, { cpu: 1, memory: "1Gi", diskSize: "1Gi" }),
    /total worker nodes \(5\) would exceed team "quota" node quota \(4\)/,
  );
});

test("NetworkPool: the block, what is reserved in it and its ranges fit together", async () => {
  await refuses(pool("p", { cidr: "10.70.0.0/40" }), /spec: Invalid value: "10\.70\.0\.0\/40": invalid pool CIDR/);
  await refuses(
    pool("p", { cidr: "10.70.0.0/24", tenantAllocation: { ranges: [{ start: "10.71.0.1", end: "10.71.0.9" }] } }),
    /ranges\[0\] \(10\.71\.0\.1-10\.71\.0\.9\) falls outside pool CIDR 10\.70\.0\.0\/24/,
  );
  await refuses(
    pool("p", {
      cidr: "10.70.0.0/24",
      tenantAllocation: {
        ranges: [
          { start: "10.70.0.20", end: "10.70.0.30" },
          { start: "10.70.0.25", end: "10.70.0.40" },
        ],
      },
    }),
    /ranges must be sorted by start IP and non-overlapping/,
  );
  await refuses(
    pool("p", {
      cidr: "10.70.0.0/24",
      reserved: [{ cidr: "10.70.0.16/28" }],
      tenantAllocation: { ranges: [{ start: "10.70.0.20", end: "10.70.0.90" }] },
    }),
    /reserved CIDR 10\.70\.0\.16\/28 straddles ranges\[0\] boundary \(10\.70\.0\.20-10\.70\.0\.90\)/,
  );
  await pool("p", { cidr: "10.70.0.0/24" });
  await refuses(
    on.admin.patch(REFS.pools, { name: "p", namespace: SYSTEM }, merge({ spec: { cidr: "10.70.0.0/25" } })),
    /new CIDR "10\.70\.0\.0\/25" does not contain the previous CIDR "10\.70\.0\.0\/24"; shrinking a pool may orphan existing allocations/,
  );
  await on.admin.patch(REFS.pools, { name: "p", namespace: SYSTEM }, merge({ spec: { cidr: "10.70.0.0/23" } }));
});

test("NetworkPool: ranges are not narrowed away from addresses in use", async () => {
  await pool("held", {
    cidr: "10.80.0.0/24",
    tenantAllocation: { ranges: [{ start: "10.80.0.10", end: "10.80.0.90" }] },
  });
  await on.admin.create(
    REFS.allocations,
    butler(
      "IPAllocation",
      { name: "one", namespace: SYSTEM, labels: { "butler.butlerlabs.dev/network-pool": "held" } },
      { poolRef: { name: "held" }, tenantClusterRef: { name: "c", namespace: "t" }, type: "nodes" },
    ),
  );
  await on.admin.patch(
    REFS.allocations,
    { name: "one", namespace: SYSTEM, subresource: "status" },
    merge({ status: { phase: "Allocated", addresses: ["10.80.0.50"] } }),
  );
  await refuses(
    on.admin.patch(
      REFS.pools,
      { name: "held", namespace: SYSTEM },
      merge({ spec: { tenantAllocation: { ranges: [{ start: "10.80.0.10", end: "10.80.0.40" }] } } }),
    ),
    /cannot narrow tenant allocation ranges: IPAllocation "one" has address 10\.80\.0\.50 outside the proposed ranges\. Migrate or delete affected allocations first/,
  );
});

test("ProviderConfig: each provider has what it needs, and ipam has a pool and no cloud", async () => {
  const credentialsRef = { name: "c" };
  await refuses(
    provider("x", { provider: "azure", credentialsRef }),
    /azure configuration is required when provider is "azure"/,
  );
  await refuses(
    provider("x", { provider: "aws", credentialsRef }),
    /aws configuration is required when provider is "aws"/,
  );
  await refuses(
    provider("x", { provider: "gcp", credentialsRef }),
    /gcp configuration is required when provider is "gcp"/,
  );
  await refuses(
    provider("x", { provider: "local", scope: { type: "team" } }),
    /teamRef is required when scope type is "team"/,
  );
  await refuses(
    provider("x", { provider: "local", network: { mode: "ipam" } }),
    /at least one poolRef is required when network mode is "ipam"/,
  );
  await refuses(
    provider("x", {
      provider: "aws",
      credentialsRef,
      aws: { region: "r" },
      network: { mode: "ipam", poolRefs: [{ name: "p" }] },
    }),
    /IPAM mode is not supported for cloud providers/,
  );
  await refuses(
    provider("x", { provider: "local", network: { mode: "ipam", poolRefs: [{ name: "nonesuch" }] } }),
    /spec\.network\.poolRefs\[0\]\.name: Not found: "nonesuch"/,
  );
});

test("ClusterCreationPolicy: team and environment exist, rules are complete, and no two rule the same", async () => {
  await createTeam(on, team("ruled", { environments: [{ name: "dev" }] }));
  await refuses(
    policy("x", { scope: { team: { teamRef: { name: "nonesuch" } } } }),
    /teamRef\.name: Not found: "nonesuch"/,
  );
  await refuses(
    policy("x", { scope: { teamAndEnvironment: { teamRef: { name: "ruled" }, environmentName: "moon" } } }),
    /environmentName: Not found: "moon"/,
  );
  const platform = { platformWide: {} };
  await refuses(
    policy("x", { scope: platform, options: { image: { mode: "pin", values: ["a", "b"] } } }),
    /mode "pin" requires exactly one value, got 2/,
  );
  await refuses(
    policy("x", { scope: platform, options: { image: { mode: "allowList" } } }),
    /at least one value is required when mode is "allowList"/,
  );
  await refuses(
    policy("x", { scope: platform, options: { image: { mode: "default" } } }),
    /default value is required when mode is "default"/,
  );
  await refuses(policy("x", { scope: platform, options: { colour: { mode: "pin", values: ["a"] } } }), /colour/);
  await policy("one", { scope: platform, options: { image: { mode: "pin", values: ["a"] } } });
  await refuses(
    policy("two", { scope: platform, options: { image: { mode: "pin", values: ["b"] } } }),
    /conflicts with ClusterCreationPolicy "one" on option types \[image\] at the same tier/,
  );
  await on.admin.delete(REFS.policies, "one");
});

test("ClusterCreationPolicy: a pinned value binds clusters of the team, a narrower policy wins", async () => {
  await createTeam(on, team("pinned", { environments: [{ name: "dev" }, { name: "prod" }] }));
  await provider("nx", {
    provider: "nutanix",
    credentialsRef: { name: "c" },
    nutanix: { endpoint: "https://pc.example.com", clusterUUID: "u", subnetUUID: "s" },
  });
  await policy("team-wide", {
    scope: { team: { teamRef: { name: "pinned" } } },
    targetProviders: ["nutanix"],
    options: { image: { mode: "pin", values: ["golden"] } },
  });
  await policy("prod-only", {
    scope: { teamAndEnvironment: { teamRef: { name: "pinned" }, environmentName: "prod" } },
    targetProviders: ["nutanix"],
    options: { image: { mode: "allowList", values: ["golden", "silver"] } },
  });
  const create = (name: string, env: string, imageUUID: string) =>
    on.as("dana").create(
      REFS.clusters,
      cluster("pinned", name, {
        env,
        spec: { providerConfigRef: { name: "nx" }, infrastructureOverride: { nutanix: { imageUUID } } },
      }),
    );
  await refuses(create("a", "dev", "silver"), /ClusterCreationPolicy "team-wide" .*image.*\[golden\]; got "silver"/);
  await create("a", "dev", "golden");
  await create("b", "prod", "silver");
  await refuses(
    create("c", "prod", "bronze"),
    /ClusterCreationPolicy "prod-only" .*image.*\[golden silver\]; got "bronze"/,
  );
});

test("a body that is no object of the kind is refused by the API server before any webhook", async () => {
  const refused = await refusalOf(
    on.admin.create(REFS.teams, {
      apiVersion: "butler.butlerlabs.dev/v1alpha1",
      kind: "Team",
      metadata: { name: "odd" },
      spec: { environments: "many" },
    } as unknown as KubeObject),
  );
  assert.equal(refused.code, 422);
  assert.match(refused.message, /spec\.environments in body must be of type array: "string"/);
});
