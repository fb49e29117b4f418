import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Team, TeamSpec } from "@holdfast/contracts/butler-api/team";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import type { Decision } from "../decision.ts";
import { caller, cluster, provider, team, withoutTeam } from "../testdata/builders.ts";
import { decideTenantCluster, type TenantClusterFacts } from "./tenant-cluster-decision.ts";

const MIGRATE = "butler.butlerlabs.dev/migration-operation";
const CREATOR = "butler.butlerlabs.dev/creator-email";
const LABEL = "metadata.labels[butler.butlerlabs.dev/environment]";

type More = Partial<TenantClusterFacts>;

function create(object: TenantCluster, spec: TeamSpec, more: More = {}): Decision {
  return decideTenantCluster({
    operation: "CREATE",
    caller: caller("ada@x"),
    platformAdmin: false,
    object,
    team: team("acme", spec),
    clusters: [],
    policies: [],
    ...more,
  });
}

function update(before: TenantCluster, after: TenantCluster, spec: TeamSpec, more: More = {}): Decision {
  return create(after, spec, { operation: "UPDATE", oldObject: before, clusters: [before], ...more });
}

function messageOf(decision: Decision): string {
  return decision.allowed ? "allowed" : decision.message;
}

const ENVIRONMENTS: TeamSpec = { environments: [{ name: "dev" }, { name: "prod" }] };

describe("the environment label", () => {
  test("must name an environment of a team that has any", () => {
    assert.equal(
      messageOf(create(cluster("c"), ENVIRONMENTS)),
      `${LABEL}: Required value: team "acme" defines environments; TenantClusters must carry this label set to one of the team's env names`,
    );
    assert.equal(
      messageOf(create(cluster("c", { environment: "test" }), ENVIRONMENTS)),
      `${LABEL}: Unsupported value: "test": supported values: "dev", "prod"`,
    );
    assert.equal(create(cluster("c", { environment: "dev" }), ENVIRONMENTS).allowed, true);
    assert.equal(create(cluster("c", { environment: "any" }), {}).allowed, true);
  });

  test("cannot be changed, added or removed", () => {
    const text = `${LABEL}: Forbidden: env label changes require the "${MIGRATE}" annotation set to "true"; use \`butleradm env migrate\``;
    const [none, dev, prod] = [
      cluster("c"),
      cluster("c", { environment: "dev" }),
      cluster("c", { environment: "prod" }),
    ];
    for (const [before, after] of [
      [dev, prod],
      [none, dev],
      [dev, none],
    ] as const) {
      const decision = update(before, after, ENVIRONMENTS, { platformAdmin: true });
      assert.equal(messageOf(decision), text);
      assert.equal(decision.allowed ? "" : decision.code, "CLUSTER_ENVIRONMENT_IMMUTABLE");
    }
    const labelled = cluster("c", { environment: "dev" });
    labelled.metadata.labels = { ...labelled.metadata.labels, tier: "gold" };
    assert.equal(update(dev, labelled, ENVIRONMENTS).allowed, true);
  });

  test("closed hole: only team admins and platform admins may migrate, and the permission is removed afterwards", () => {
    const before = cluster("c", { environment: "dev" });
    const after = cluster("c", { environment: "prod", annotations: { [MIGRATE]: "true" } });
    const spec: TeamSpec = { ...ENVIRONMENTS, access: { users: [{ name: "lead@x", role: "admin" }] } };
    assert.equal(
      messageOf(update(before, after, spec)),
      `${LABEL}: Forbidden: only admins of team "acme" or platform admins may migrate a cluster to another environment; user "ada@x" is neither`,
    );
    const strip = [{ kind: "remove-annotation", key: MIGRATE, when: "after-storage" }];
    assert.deepEqual(update(before, after, spec, { caller: caller("lead@x") }), {
      allowed: true,
      warnings: [],
      mutate: strip,
    });
    assert.deepEqual(update(before, after, spec, { platformAdmin: true }), {
      allowed: true,
      warnings: [],
      mutate: strip,
    });
  });

  test("closed hole: a migration annotation left behind is removed at the next update", () => {
    const stale = cluster("c", { environment: "dev", annotations: { [MIGRATE]: "true" } });
    const decision = update(stale, stale, ENVIRONMENTS);
    assert.deepEqual(decision.allowed && decision.mutate.map((step) => step.key), [MIGRATE]);
  });

  test("an admin of another team does not migrate by changing the team as well", () => {
    const before = cluster("c", { environment: "dev" });
    const after = cluster("c", {
      environment: "prod",
      annotations: { [MIGRATE]: "true" },
      spec: { teamRef: { name: "evil" } },
    });
    const evil = team("evil", { ...ENVIRONMENTS, access: { users: [{ name: "ada@x", role: "admin" }] } });
    assert.equal(update(before, after, {}, { team: evil }).allowed, false);
  });

  test("a cluster without the label, or with one that was removed from the team, can still be updated", () => {
    const bare = cluster("c");
    assert.equal(update(bare, cluster("c", { replicas: 2 }), ENVIRONMENTS).allowed, true);
    const stale = cluster("c", { environment: "gone" });
    assert.equal(update(stale, cluster("c", { environment: "gone", replicas: 2 }), ENVIRONMENTS).allowed, true);
  });

  test("closed hole: a cluster without teamRef in the team's namespace obeys the team's environments", () => {
    const object = withoutTeam(cluster("c"));
    assert.match(messageOf(create(object, ENVIRONMENTS)), /team "acme" defines environments/);
  });

  test("a team that does not exist is told, not refused", () => {
    const { team: _, ...facts } = {
      operation: "CREATE",
      caller: caller("ada@x"),
      platformAdmin: false,
      object: cluster("c"),
      team: undefined,
      clusters: [],
      policies: [],
    } as const;
    assert.deepEqual(decideTenantCluster(facts), {
      allowed: true,
      warnings: ['team "acme" does not exist; the cluster waits until it does'],
      mutate: [],
    });
  });
});

describe("limits of an environment", () => {
  const capped = (limits: { maxClusters?: number; maxClustersPerMember?: number }): TeamSpec => ({
    environments: [{ name: "dev", limits }, { name: "prod" }],
  });
  const dev = (name: string, owner?: string) =>
    cluster(name, { environment: "dev", ...(owner === undefined ? {} : { annotations: { [CREATOR]: owner } }) });

  test("maxClusters counts the clusters of the environment", () => {
    const clusters = [dev("a"), dev("b"), cluster("p", { environment: "prod" })];
    assert.equal(
      messageOf(create(dev("c"), capped({ maxClusters: 2 }), { clusters })),
      'spec: Forbidden: environment "dev" in team "acme" already has 2 cluster(s); env quota limits to 2',
    );
    assert.equal(create(dev("c"), capped({ maxClusters: 3 }), { clusters }).allowed, true);
  });

  test("0 means no limit of the environment", () => {
    const clusters = [dev("a", "ada@x"), dev("b", "ada@x")];
    assert.equal(
      create(dev("c", "ada@x"), capped({ maxClusters: 0, maxClustersPerMember: 0 }), { clusters }).allowed,
      true,
    );
  });

  test("updating a cluster of an environment above its limit is allowed", () => {
    const clusters = [dev("a"), dev("b"), dev("c")];
    assert.equal(update(dev("c"), dev("c"), capped({ maxClusters: 1 }), { clusters }).allowed, true);
  });

  test("closed hole: a migration into a full environment is refused, for platform admins too", () => {
    const before = cluster("c", { environment: "prod" });
    const after = cluster("c", { environment: "dev", annotations: { [MIGRATE]: "true" } });
    const clusters = [dev("a"), before];
    assert.equal(
      messageOf(update(before, after, capped({ maxClusters: 1 }), { clusters, platformAdmin: true })),
      'spec: Forbidden: environment "dev" in team "acme" already has 1 cluster(s); env quota limits to 1',
    );
  });

  test("a member owns as many clusters as the limit, another member's count apart", () => {
    const spec = capped({ maxClustersPerMember: 1 });
    const clusters = [dev("a", "Ada@x")];
    assert.equal(create(dev("a", "ada@x"), spec, { clusters: [] }).allowed, true);
    assert.equal(
      messageOf(create(dev("b", "ada@x"), spec, { clusters })),
      `metadata.annotations[${CREATOR}]: Forbidden: user "ada@x" already owns 1 cluster(s) in environment "dev"; env limits to 1 per member`,
    );
    assert.equal(create(dev("c", "bob@x"), spec, { clusters, caller: caller("bob@x") }).allowed, true);
  });

  test("the owner annotation counts before the creator's", () => {
    const spec = capped({ maxClustersPerMember: 1 });
    const handed = cluster("a", {
      environment: "dev",
      annotations: { [CREATOR]: "ada@x", "butler.butlerlabs.dev/owner": "bob@x" },
    });
    assert.equal(create(dev("b", "ada@x"), spec, { clusters: [handed] }).allowed, true);
  });

  test("the creator must be named, and be the caller", () => {
    const spec = capped({ maxClustersPerMember: 1 });
    assert.equal(
      messageOf(create(dev("a"), spec)),
      `metadata.annotations[${CREATOR}]: Required value: environment "dev" sets maxClustersPerMember; TenantClusters must carry the ${CREATOR} annotation (set automatically by butler-server; kubectl-direct creates must supply it explicitly)`,
    );
    assert.equal(
      messageOf(create(dev("a", "bob@x"), spec)),
      `metadata.annotations[${CREATOR}]: Invalid value: "bob@x": ${CREATOR} must match the requesting identity "ada@x"; environment "dev" enforces per-member caps and cannot accept an annotation claiming a different user`,
    );
  });

  test("the creator cannot be changed later", () => {
    assert.equal(
      messageOf(update(dev("a", "ada@x"), dev("a", "bob@x"), capped({ maxClustersPerMember: 1 }))),
      `metadata.annotations[${CREATOR}]: Forbidden: ${CREATOR} is immutable; cannot change from "ada@x" to "bob@x"`,
    );
  });

  test("closed hole: nobody escapes the cap by writing another owner", () => {
    const spec = capped({ maxClustersPerMember: 1 });
    const owner = "butler.butlerlabs.dev/owner";
    const owned = (by: string) =>
      cluster("a", { environment: "dev", annotations: { [CREATOR]: "ada@x", [owner]: by } });
    const text = (before: string) =>
      `metadata.annotations[${owner}]: Forbidden: ${owner} is immutable; cannot change from "${before}" to "bob@x"`;
    assert.equal(messageOf(create(owned("bob@x"), spec)), text(""));
    assert.equal(messageOf(update(owned("ada@x"), owned("bob@x"), spec)), text("ada@x"));
    assert.equal(update(owned("ada@x"), owned("bob@x"), spec, { platformAdmin: true }).allowed, true);
    assert.equal(update(dev("a", "ada@x"), owned("Ada@x"), spec).allowed, true, "the controller promotes the creator");
  });
});

describe("the provider", () => {
  const at = (name = "p", namespace?: string) => ({
    providerConfigRef: namespace === undefined ? { name } : { name, namespace },
  });

  test("must exist", () => {
    assert.equal(
      messageOf(create(cluster("c", { spec: at("nowhere") }), {})),
      'spec.providerConfigRef.name: Not found: "nowhere"',
    );
  });

  test("of one team serves no other", () => {
    const providerConfig = provider("p", { scope: { type: "team", teamRef: { name: "blue" } } });
    assert.equal(
      messageOf(create(cluster("c", { spec: at() }), {}, { providerConfig })),
      'spec.providerConfigRef: Forbidden: ProviderConfig "p" is scoped to team "blue", but TenantCluster references team "acme"',
    );
    const own = provider("p", { scope: { type: "team", teamRef: { name: "acme" } } });
    assert.equal(create(cluster("c", { spec: at() }), {}, { providerConfig: own }).allowed, true);
  });

  test("limits clusters and nodes of a namespace", () => {
    const clusters = [
      cluster("a", { replicas: 3 }),
      cluster("x", { namespace: "blue", replicas: 9, spec: { teamRef: { name: "blue" } } }),
    ];
    const providerConfig = provider("p", { limits: { maxClustersPerTeam: 1, maxNodesPerTeam: 4 } });
    assert.equal(
      messageOf(create(cluster("c", { replicas: 2, spec: at() }), {}, { providerConfig, clusters })),
      '[spec: Forbidden: team namespace "acme" already has 1 cluster(s); ProviderConfig "p" limits to 1, spec.workers.replicas: Forbidden: total worker replicas (5) would exceed ProviderConfig "p" per-team node limit (4)]',
    );
  });

  test("closed hole: its node limit holds for scaling up, and does not keep from scaling down", () => {
    const before = cluster("a", { replicas: 5, spec: at() });
    const providerConfig = provider("p", { limits: { maxClustersPerTeam: 1, maxNodesPerTeam: 4 } });
    assert.match(
      messageOf(update(before, cluster("a", { replicas: 6, spec: at() }), {}, { providerConfig })),
      /\(6\) would exceed/,
    );
    assert.equal(update(before, cluster("a", { replicas: 5, spec: at() }), {}, { providerConfig }).allowed, true);
    assert.equal(update(before, cluster("a", { replicas: 4, spec: at() }), {}, { providerConfig }).allowed, true);
  });

  test("that is gone does not keep a cluster from being deleted, but from growing", () => {
    const before = cluster("a", { spec: at() });
    const labelled = structuredClone(before);
    labelled.metadata.labels = { x: "y" };
    assert.equal(update(before, labelled, {}).allowed, true);
    assert.match(messageOf(update(before, cluster("a", { replicas: 2, spec: at() }), {})), /Not found: "p"/);
  });
});

describe("the quota of a team", () => {
  const quota = (resourceLimits: NonNullable<TeamSpec["resourceLimits"]>): TeamSpec => ({ resourceLimits });
  const others = [cluster("a", { replicas: 1 }), cluster("b", { replicas: 1 })];

  const rows: { name: string; limits: NonNullable<TeamSpec["resourceLimits"]>; message: string }[] = [
    {
      name: "clusters",
      limits: { maxClusters: 2 },
      message: 'spec: Forbidden: team "acme" already has 2 cluster(s); team quota limits to 2',
    },
    {
      name: "no cluster at all",
      limits: { maxClusters: 0 },
      message: 'spec: Forbidden: team "acme" already has 2 cluster(s); team quota limits to 0',
    },
    {
      name: "nodes",
      limits: { maxTotalNodes: 2 },
      message: 'spec.workers.replicas: Forbidden: total worker nodes (3) would exceed team "acme" node quota (2)',
    },
    {
      name: "nodes of a cluster",
      limits: { maxNodesPerCluster: 0 },
      message: 'spec.workers.replicas: Forbidden: worker replicas (1) exceeds team "acme" per-cluster node limit (0)',
    },
    {
      name: "CPU",
      limits: { maxCPUCores: "8" },
      message: 'spec.workers: Forbidden: total CPU (12) would exceed team "acme" CPU quota (8)',
    },
    {
      name: "memory",
      limits: { maxMemory: "32Gi" },
      message: 'spec.workers: Forbidden: total memory (48Gi) would exceed team "acme" memory quota (32Gi)',
    },
    {
      name: "storage",
      limits: { maxStorage: "0.2Ti" },
      message:
        'spec.workers: Forbidden: total storage (300Gi) would exceed team "acme" storage quota (219902325555200m)',
    },
  ];
  for (const row of rows) {
    test(`limits ${row.name}`, () => {
      const decision = create(cluster("c"), quota(row.limits), { clusters: others });
      assert.equal(messageOf(decision), row.message);
      assert.equal(decision.allowed ? "" : decision.code, "CLUSTER_TEAM_QUOTA");
    });
  }

  test("exactly at its limits allows", () => {
    const limits = {
      maxClusters: 3,
      maxTotalNodes: 3,
      maxNodesPerCluster: 1,
      maxCPUCores: 12,
      maxMemory: "48Gi",
      maxStorage: "300Gi",
    };
    assert.equal(create(cluster("c"), quota(limits), { clusters: others }).allowed, true);
  });

  test("a quantity of 0 does not limit", () => {
    assert.equal(
      create(cluster("c"), quota({ maxCPUCores: "0", maxMemory: 0, maxStorage: "0Gi" }), { clusters: others }).allowed,
      true,
    );
  });

  test("all broken limits are told at once, as field errors", () => {
    const decision = create(cluster("c"), quota({ maxClusters: 2, maxTotalNodes: 2 }), { clusters: others });
    assert.deepEqual(decision.allowed ? [] : decision.causes, [
      {
        type: "FieldValueForbidden",
        field: "spec",
        detail: 'team "acme" already has 2 cluster(s); team quota limits to 2',
      },
      {
        type: "FieldValueForbidden",
        field: "spec.workers.replicas",
        detail: 'total worker nodes (3) would exceed team "acme" node quota (2)',
      },
    ]);
    assert.equal(decision.allowed ? "" : decision.field, "spec");
  });

  test("closed hole: the quota is checked without providerConfigRef too", () => {
    assert.equal(create(cluster("c"), quota({ maxClusters: 0 })).allowed, false);
  });

  test("closed hole: scaling up is checked against every aggregate", () => {
    const before = cluster("c");
    const clusters = [...others, before];
    const after = cluster("c", { replicas: 2 });
    assert.equal(
      messageOf(update(before, after, quota({ maxTotalNodes: 3 }), { clusters })),
      'spec.workers.replicas: Forbidden: total worker nodes (4) would exceed team "acme" node quota (3)',
    );
    assert.equal(
      messageOf(update(before, cluster("c", { node: { memory: "32Gi" } }), quota({ maxMemory: "48Gi" }), { clusters })),
      'spec.workers: Forbidden: total memory (64Gi) would exceed team "acme" memory quota (48Gi)',
    );
    assert.match(messageOf(update(before, after, quota({ maxCPUCores: "12" }), { clusters })), /total CPU \(16\)/);
    assert.match(
      messageOf(update(before, after, quota({ maxStorage: "300Gi" }), { clusters })),
      /total storage \(400Gi\)/,
    );
  });

  test("closed hole: an update that adds nothing is never refused for being over", () => {
    const before = cluster("c", { replicas: 5 });
    const limits = {
      maxClusters: 0,
      maxTotalNodes: 0,
      maxNodesPerCluster: 1,
      maxCPUCores: "1",
      maxMemory: "1",
      maxStorage: "1",
    };
    for (const replicas of [5, 4, 1]) {
      assert.equal(update(before, cluster("c", { replicas }), quota(limits)).allowed, true);
    }
    const traded = update(before, cluster("c", { replicas: 5, node: { cpu: 1, memory: "17Gi" } }), quota(limits));
    assert.equal(
      messageOf(traded),
      'spec.workers: Forbidden: total memory (85Gi) would exceed team "acme" memory quota (1)',
    );
  });

  test("closed hole: clusters are counted by teamRef, and by namespace only without one", () => {
    const elsewhere = cluster("far", { namespace: "butler-tenants" });
    const stranger = cluster("blue", { spec: { teamRef: { name: "blue" } } });
    const silent = withoutTeam(cluster("silent"));
    const clusters = [elsewhere, stranger, silent];
    assert.match(messageOf(create(cluster("c"), quota({ maxClusters: 2 }), { clusters })), /already has 2 cluster/);
    assert.equal(create(cluster("c"), quota({ maxClusters: 3 }), { clusters }).allowed, true);
  });

  test("closed hole: a cluster that moves to the team counts as new there", () => {
    const before = cluster("c", { namespace: "butler-tenants", spec: { teamRef: { name: "blue" } } });
    const after = cluster("c", { namespace: "butler-tenants" });
    assert.match(messageOf(update(before, after, quota({ maxClusters: 0 }))), /already has 0 cluster/);
  });

  test("closed hole: a cluster of one team in the namespace of another is refused", () => {
    const object = cluster("c", { namespace: "blue" });
    assert.equal(
      messageOf(create(object, {}, { namespaceTeam: team("blue") })),
      'spec.teamRef: Forbidden: namespace "blue" belongs to team "blue", but TenantCluster references team "acme"',
    );
    assert.equal(update(object, object, {}, { namespaceTeam: team("blue") }).allowed, true);
  });

  test("closed hole: nodes of no stated size count with the size they will have", () => {
    const bare = cluster("c", { spec: { workers: { replicas: 2 } } });
    assert.match(messageOf(create(bare, quota({ maxMemory: "31Gi" }))), /total memory \(32Gi\)/);
    assert.match(messageOf(create(bare, quota({ maxCPUCores: 7 }))), /total CPU \(8\)/);
  });

  test("closed hole: a negative size makes no room for others", () => {
    const negative = cluster("neg", { node: { memory: "-100Gi" } });
    assert.match(
      messageOf(create(cluster("c"), quota({ maxMemory: "15Gi" }), { clusters: [negative] })),
      /total memory \(16Gi\)/,
    );
  });

  test("hostile: a size that passes the schema's pattern but is no quantity is refused, and counts as the largest in others", () => {
    const odd = cluster("odd", { node: { memory: "1e1.5" } });
    assert.match(messageOf(create(odd, {})), /machineTemplate.memory: Invalid value: "1e1.5": must be a quantity/);
    assert.match(messageOf(create(cluster("c"), quota({ maxMemory: "1Ti" }), { clusters: [odd] })), /would exceed/);
  });

  test("reservations of requests under way count like clusters", () => {
    const reservation = {
      team: "acme",
      key: "acme/coming",
      generation: 1,
      environment: "",
      owner: "",
      nodes: 2,
      cpuMilli: 8000n,
      memoryBytes: 2n ** 35n,
      storageBytes: 0n,
      expiresAt: 1,
    };
    assert.match(
      messageOf(create(cluster("c"), quota({ maxTotalNodes: 2 }), { reservations: [reservation] })),
      /nodes \(3\)/,
    );
    assert.equal(create(cluster("coming"), quota({ maxTotalNodes: 2 }), { reservations: [reservation] }).allowed, true);
  });

  test("a cluster listed twice counts once", () => {
    assert.equal(
      create(cluster("c"), quota({ maxClusters: 2 }), { clusters: [cluster("a"), cluster("a")] }).allowed,
      true,
    );
  });
});

test("a TenantCluster without a spec does not break the decision", () => {
  const bare: TenantCluster = {
    apiVersion: "butler.butlerlabs.dev/v1alpha1",
    kind: "TenantCluster",
    metadata: { name: "c", namespace: "acme" },
  };
  const acme: Team = team("acme", { resourceLimits: { maxTotalNodes: 0 } });
  assert.equal(create(bare, {}, { team: acme }).allowed, true);
});
