import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { eventually } from "@holdfast/runtime/testkit/eventually";
import {
  type ButlerCluster,
  cluster,
  createTeam,
  merge,
  PEOPLE,
  REFS,
  refusalOf,
  startButlerCluster,
  team,
} from "../harness/butler-cluster.ts";

const ENVIRONMENT = "butler.butlerlabs.dev/environment";
const CREATOR = "butler.butlerlabs.dev/creator-email";
const MIGRATION = "butler.butlerlabs.dev/migration-operation";

let on: ButlerCluster;
before(async () => {
  on = await startButlerCluster();
});
after(() => on.stop());

const patchTeam = (name: string, spec: unknown, as: "root" | "dana" | "oscar" | "vera" | "otto") =>
  on.as(as).patch<KubeObject>(REFS.teams, { name }, merge({ spec }));

test("[bt-resource-limits-platform-admin] resourceLimits are a platform admin's to set and change, and no team admin's", async () => {
  const created = await on
    .as("root")
    .create<KubeObject>(REFS.teams, team("limits", { resourceLimits: { maxClusters: 2 } }));
  assert.deepEqual((created["spec"] as { resourceLimits: unknown }).resourceLimits, {
    maxClusters: 2,
    defaultNodeCount: 3,
  });
  const changed = await patchTeam("limits", { resourceLimits: { maxClusters: 5 } }, "root");
  assert.equal((changed["spec"] as { resourceLimits: { maxClusters: number } }).resourceLimits.maxClusters, 5);
  const refused = await refusalOf(patchTeam("limits", { resourceLimits: { maxClusters: 9 } }, "dana"));
  assert.deepEqual(refused, {
    code: 403,
    message:
      'admission webhook "vteam.kb.io" denied the request: spec.resourceLimits may only be modified by platform admins; user "dana@example.com" is not a platform admin',
  });
  const stored = await on.admin.get<KubeObject>(REFS.teams, "limits");
  assert.equal((stored["spec"] as { resourceLimits: { maxClusters: number } }).resourceLimits.maxClusters, 5);
});

test("[bt-env-limits-team-admin] limits of an environment are changed by the team's admins, by no operator, viewer or admin of another team", async () => {
  await createTeam(on, team("split"));
  await createTeam(on, team("other", { access: { users: [{ name: PEOPLE.otto, role: "admin" }] } }));
  const environments = [{ name: "dev", limits: { maxClusters: 4 } }, { name: "prod" }];
  const changed = await patchTeam("split", { environments }, "dana");
  assert.deepEqual((changed["spec"] as { environments: unknown }).environments, environments);
  for (const person of ["oscar", "vera", "otto"] as const) {
    const refused = await refusalOf(
      patchTeam("split", { environments: [{ name: "dev", limits: { maxClusters: 9 } }, { name: "prod" }] }, person),
    );
    assert.deepEqual(refused, {
      code: 403,
      message: `admission webhook "vteam.kb.io" denied the request: spec.environments[].limits may only be modified by team admins of "split" or platform admins; user "${PEOPLE[person]}" is neither`,
    });
  }
});

test("[bt-environments] a Team carries environments, and clusters belong to one of them", async () => {
  await createTeam(on, team("lanes"));
  const stored = await on.as("dana").create<KubeObject>(REFS.clusters, cluster("lanes", "one", { env: "dev" }));
  assert.equal(stored.metadata.labels?.[ENVIRONMENT], "dev");
  const refused = await refusalOf(on.as("dana").create(REFS.clusters, cluster("lanes", "two", { env: "staging" })));
  assert.equal(refused.code, 403);
  assert.match(
    refused.message,
    /metadata\.labels\[butler\.butlerlabs\.dev\/environment\]: Unsupported value: "staging": supported values: "dev", "prod"/,
  );
});

test("[btc-per-member-cap] a cap per member counts by owner and names owner, count and limit", async () => {
  await createTeam(on, team("capped", { environments: [{ name: "dev", limits: { maxClustersPerMember: 1 } }] }));
  const create = (person: "dana" | "oscar", name: string) =>
    on
      .as(person)
      .create(REFS.clusters, cluster("capped", name, { env: "dev", annotations: { [CREATOR]: PEOPLE[person] } }));
  await create("dana", "first");
  const refused = await refusalOf(create("dana", "second"));
  assert.equal(refused.code, 403);
  assert.match(
    refused.message,
    /user "dana@example\.com" already owns 1 cluster\(s\) in environment "dev"; env limits to 1 per member/,
  );
  await create("oscar", "third");
});

test("[btc-env-label-immutable] the environment label is never changed, added or removed but by a migration that leaves no permission behind", async () => {
  await createTeam(on, team("moves"));
  await on.as("dana").create(REFS.clusters, cluster("moves", "fixed", { env: "dev" }));
  const patch = (person: "oscar" | "dana", metadata: unknown) =>
    on.as(person).patch<KubeObject>(REFS.clusters, { name: "fixed", namespace: "moves" }, merge({ metadata }));
  for (const value of ["prod", null]) {
    const refused = await refusalOf(patch("dana", { labels: { [ENVIRONMENT]: value } }));
    assert.equal(refused.code, 403);
    assert.match(
      refused.message,
      /env label changes require the "butler\.butlerlabs\.dev\/migration-operation" annotation set to "true"; use `butleradm env migrate`/,
    );
  }
  const notEntitled = await refusalOf(
    patch("oscar", { labels: { [ENVIRONMENT]: "prod" }, annotations: { [MIGRATION]: "true" } }),
  );
  assert.equal(notEntitled.code, 403);
  await patch("dana", { labels: { colour: "blue" } });
  const moved = await patch("dana", { labels: { [ENVIRONMENT]: "prod" }, annotations: { [MIGRATION]: "true" } });
  assert.equal(moved.metadata.labels?.[ENVIRONMENT], "prod");
  await eventually(async () => {
    const found = await on.admin.get<KubeObject>(REFS.clusters, "fixed", "moves");
    return found.metadata.annotations?.[MIGRATION] === undefined ? true : undefined;
  }, "the permission to migrate is taken away");
  const again = await refusalOf(patch("dana", { labels: { [ENVIRONMENT]: "dev" } }));
  assert.equal(again.code, 403);
});

test("[bup-seq-6-scenarios] the four enforcement scenarios run end to end, each with an allowed and a refused case", async () => {
  await createTeam(
    on,
    team("six", { environments: [{ name: "dev", limits: { maxClustersPerMember: 1 } }, { name: "prod" }] }),
  );
  const passes: string[] = [];
  await patchTeam("six", { resourceLimits: { maxClusters: 4 } }, "root");
  await refusalOf(patchTeam("six", { resourceLimits: { maxClusters: 8 } }, "dana"));
  passes.push("platform-admin resourceLimits gate");
  await patchTeam(
    "six",
    { environments: [{ name: "dev", limits: { maxClustersPerMember: 1, maxClusters: 3 } }, { name: "prod" }] },
    "dana",
  );
  await refusalOf(patchTeam("six", { environments: [{ name: "dev" }, { name: "prod" }] }, "oscar"));
  passes.push("team-admin env-limits gate");
  const create = (name: string) =>
    on.as("dana").create(REFS.clusters, cluster("six", name, { env: "dev", annotations: { [CREATOR]: PEOPLE.dana } }));
  await create("a");
  await refusalOf(create("b"));
  passes.push("per-member cap");
  await on
    .as("dana")
    .patch(REFS.clusters, { name: "a", namespace: "six" }, merge({ metadata: { labels: { note: "x" } } }));
  await refusalOf(
    on
      .as("dana")
      .patch(
        REFS.clusters,
        { name: "a", namespace: "six" },
        merge({ metadata: { labels: { [ENVIRONMENT]: "prod" } } }),
      ),
  );
  passes.push("env-label immutability");
  assert.deepEqual(passes, [
    "platform-admin resourceLimits gate",
    "team-admin env-limits gate",
    "per-member cap",
    "env-label immutability",
  ]);
});
