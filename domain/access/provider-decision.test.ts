import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ProviderConfig } from "@holdfast/contracts/butler-api/provider-config";
import type { Decision } from "../decision.ts";
import { cluster, provider } from "../testdata/builders.ts";
import { decideProvider, type ProviderFacts } from "./provider-decision.ts";

type More = Partial<ProviderFacts>;
type Spec = Partial<NonNullable<ProviderConfig["spec"]>>;

function create(object: ProviderConfig, more: More = {}): Decision {
  return decideProvider({
    operation: "CREATE",
    object,
    clusters: [],
    poolNames: new Set(["pool"]),
    teamNames: new Set(["acme", "blue"]),
    ...more,
  });
}

function update(before: Spec, after: Spec, more: More = {}): Decision {
  return create(provider("p", after), { operation: "UPDATE", oldObject: provider("p", before), ...more });
}

function messageOf(decision: Decision): string {
  return decision.allowed ? "allowed" : decision.message;
}

describe("the spec of a ProviderConfig", () => {
  const rows: { name: string; spec: Spec; message: string }[] = [
    {
      name: "azure without its block",
      spec: { provider: "azure" },
      message: 'spec.azure: Required value: azure configuration is required when provider is "azure"',
    },
    {
      name: "azure with empty fields",
      spec: { provider: "azure", azure: { subscriptionID: "", resourceGroup: "" } },
      message:
        "[spec.azure.subscriptionID: Required value: subscriptionID is required for Azure provider, spec.azure.resourceGroup: Required value: resourceGroup is required for Azure provider]",
    },
    {
      name: "aws without its block",
      spec: { provider: "aws" },
      message: 'spec.aws: Required value: aws configuration is required when provider is "aws"',
    },
    {
      name: "aws without region",
      spec: { provider: "aws", aws: { region: "" } },
      message: "spec.aws.region: Required value: region is required for AWS provider",
    },
    {
      name: "gcp without its block",
      spec: { provider: "gcp" },
      message: 'spec.gcp: Required value: gcp configuration is required when provider is "gcp"',
    },
    {
      name: "gcp with empty fields",
      spec: { provider: "gcp", gcp: { projectID: "", region: "" } },
      message:
        "[spec.gcp.projectID: Required value: projectID is required for GCP provider, spec.gcp.region: Required value: region is required for GCP provider]",
    },
    {
      name: "scope team without a team",
      spec: { scope: { type: "team" } },
      message: 'spec.scope.teamRef: Required value: teamRef is required when scope type is "team"',
    },
    {
      name: "ipam without a pool",
      spec: { network: { mode: "ipam" } },
      message: 'spec.network.poolRefs: Required value: at least one poolRef is required when network mode is "ipam"',
    },
    {
      name: "ipam at a cloud",
      spec: { provider: "aws", aws: { region: "eu" }, network: { mode: "ipam", poolRefs: [{ name: "pool" }] } },
      message: "spec.network.mode: Forbidden: IPAM mode is not supported for cloud providers",
    },
    {
      name: "closed hole: a pool that does not exist",
      spec: { network: { mode: "ipam", poolRefs: [{ name: "pool" }, { name: "nowhere" }] } },
      message: 'spec.network.poolRefs[1].name: Not found: "nowhere"',
    },
    {
      name: "closed hole: a team that does not exist",
      spec: { scope: { type: "team", teamRef: { name: "ghost" } } },
      message: 'spec.scope.teamRef.name: Not found: "ghost"',
    },
  ];
  for (const row of rows) {
    test(`${row.name} is refused`, () => assert.equal(messageOf(create(provider("p", row.spec))), row.message));
  }

  test("what is complete is allowed", () => {
    const spec: Spec = {
      scope: { type: "team", teamRef: { name: "acme" } },
      network: { mode: "ipam", poolRefs: [{ name: "pool" }] },
    };
    assert.deepEqual(create(provider("p", spec)), { allowed: true, warnings: [], mutate: [] });
    assert.equal(create(provider("p", { provider: "local" })).allowed, true);
    assert.equal(create(provider("p", { network: { mode: "cloud", poolRefs: [{ name: "nowhere" }] } })).allowed, true);
  });

  test("a provider on site without its block is told, since the original takes it", () => {
    assert.deepEqual(create(provider("p", { provider: "nutanix" })).warnings, [
      "spec.nutanix is not set; clusters at this provider must bring every setting themselves",
    ]);
  });
});

describe("the change of a ProviderConfig", () => {
  const user = cluster("c", { spec: { providerConfigRef: { name: "p" } } });

  test("closed hole: the provider is immutable while clusters use it", () => {
    const to: Spec = { provider: "aws", aws: { region: "eu" } };
    assert.equal(
      messageOf(update({}, to, { clusters: [user] })),
      'spec.provider: Forbidden: cannot change provider from "harvester" to "aws": TenantCluster acme/c still references it',
    );
    assert.equal(update({}, to).allowed, true);
  });

  test("closed hole: the scope does not shut out a cluster that uses the provider", () => {
    const blue: Spec = { scope: { type: "team", teamRef: { name: "blue" } } };
    const acme: Spec = { scope: { type: "team", teamRef: { name: "acme" } } };
    assert.equal(
      messageOf(update({}, blue, { clusters: [user] })),
      'spec.scope: Forbidden: cannot change scope from platform to team "blue": TenantCluster acme/c of team "acme" still references it',
    );
    assert.match(messageOf(update(acme, blue, { clusters: [user] })), /from team "acme" to team "blue"/);
    assert.equal(update({}, acme, { clusters: [user] }).allowed, true);
    assert.equal(update(acme, {}, { clusters: [user] }).allowed, true);
    assert.equal(update({}, blue).allowed, true);
  });

  test("credentials and limits may change under clusters", () => {
    assert.equal(
      update({}, { credentialsRef: { name: "new" }, limits: { maxNodesPerTeam: 1 } }, { clusters: [user] }).allowed,
      true,
    );
  });

  test("a pool or team that has gone since does not keep other fields from changing", () => {
    const spec: Spec = {
      scope: { type: "team", teamRef: { name: "ghost" } },
      network: { mode: "ipam", poolRefs: [{ name: "gone" }] },
    };
    assert.equal(update(spec, { ...spec, credentialsRef: { name: "new" } }).allowed, true);
  });

  test("an update that changes no spec is allowed, whatever the object looks like", () => {
    const broken: Spec = { provider: "azure", scope: { type: "team" }, network: { mode: "ipam" } };
    assert.deepEqual(update(broken, broken), { allowed: true, warnings: [], mutate: [] });
  });
});

describe("the deletion of a ProviderConfig", () => {
  test("waits for clusters that reference it, in butler-system where they name no namespace", () => {
    const remove = (ref: { name: string; namespace?: string }) =>
      create(provider("p"), { operation: "DELETE", clusters: [cluster("c", { spec: { providerConfigRef: ref } })] });
    const text = 'metadata.name: Forbidden: cannot delete ProviderConfig "p": TenantCluster acme/c still references it';
    assert.equal(messageOf(remove({ name: "p" })), text);
    assert.equal(messageOf(remove({ name: "p", namespace: "" })), text);
    assert.equal(remove({ name: "p", namespace: "acme" }).allowed, true);
    assert.equal(remove({ name: "q" }).allowed, true);
  });
});
