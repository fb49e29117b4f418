import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { BUTLER_CRDS } from "./crds.ts";
import type { CustomResourceDefinition } from "./resource.ts";

const FOLDER = new URL("./testdata/original/", import.meta.url);

/** Every constraint of a schema as `path keyword=value`, so that two schemas can be compared as sets of lines. */
function flatten(schema: unknown, path: string, out: Set<string>): void {
  const node = schema as Record<string, unknown>;
  for (const [keyword, value] of Object.entries(node)) {
    switch (keyword) {
      case "description":
        break;
      case "properties":
        for (const [name, child] of Object.entries(value as object)) flatten(child, `${path}.${name}`, out);
        break;
      case "items":
        flatten(value, `${path}[]`, out);
        break;
      case "additionalProperties":
        flatten(value, `${path}{}`, out);
        break;
      case "required":
        for (const name of value as string[]) out.add(`${path}.${name} required`);
        break;
      default:
        out.add(`${path} ${keyword}=${JSON.stringify(value)}`);
    }
  }
}

function linesOf(crd: CustomResourceDefinition): Set<string> {
  const out = new Set<string>();
  flatten(crd.spec.versions[0]?.schema.openAPIV3Schema, "", out);
  return out;
}

function originals(): CustomResourceDefinition[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".yaml"));
  return files.map((name) => parse(readFileSync(new URL(name, FOLDER), "utf8")) as CustomResourceDefinition);
}

function ours(name: string): CustomResourceDefinition {
  const found = BUTLER_CRDS.find((crd) => crd.metadata.name === name);
  assert.ok(found, `we have no ${name}`);
  return found;
}

/** What the published schema demands and ours does not: later versions of it dropped the demand. */
const DROPPED: Readonly<Record<string, readonly string[]>> = {
  "clusterbootstraps.butler.butlerlabs.dev": [
    // provider local came later
    '.spec.provider enum=["harvester","nutanix","proxmox","gcp","aws","azure"]',
  ],
  "networkpools.butler.butlerlabs.dev": [
    // ranges supersede start and end
    ".spec.tenantAllocation.end required",
    ".spec.tenantAllocation.start required",
  ],
  "providerconfigs.butler.butlerlabs.dev": [
    // provider local came later and needs no credentials; the others are held to them by CEL
    ".spec.credentialsRef required",
    '.spec.provider enum=["harvester","nutanix","proxmox","azure","aws","gcp"]',
  ],
  "users.butler.butlerlabs.dev": [
    // the same set twice, joined by allOf; ours says it once
    '.status.phase allOf=[{"enum":["Pending","Active","Disabled","Locked"]},{"enum":["Pending","Active","Disabled","Locked"]}]',
  ],
};

/** What ours has and the published schema has not: fields of later versions, and CEL rules with their reasons. */
const ADDED: Readonly<Record<string, readonly string[]>> = {
  "clusterbootstraps.butler.butlerlabs.dev": [
    '.spec.network x-kubernetes-validations=[{"rule":"isCIDR(self.podCIDR) && isCIDR(self.serviceCIDR)","message":"podCIDR and serviceCIDR must be IPv4 networks such as 10.244.0.0/16"}]',
    '.spec.network.loadBalancerPool x-kubernetes-validations=[{"rule":"isIP(self.start) && isIP(self.end)","message":"start and end must be IPv4 addresses, every part between 0 and 255"}]',
    '.spec.provider enum=["harvester","nutanix","proxmox","azure","aws","gcp","local"]',
  ],
  "identityproviders.butler.butlerlabs.dev": [
    // nobody can log in at a provider without an issuer
    '.spec x-kubernetes-validations=[{"rule":"self.type != \'oidc\' || has(self.oidc)","message":"oidc is required when type is oidc"}]',
  ],
  "ipallocations.butler.butlerlabs.dev": [
    // the allocator can never serve 10.0.0.999
    '.spec.pinnedRange x-kubernetes-validations=[{"rule":"isIP(self.startAddress) && isIP(self.endAddress)","message":"startAddress and endAddress must be IPv4 addresses, every part between 0 and 255"}]',
  ],
  "networkpools.butler.butlerlabs.dev": [
    '.spec.tenantAllocation.ranges type="array"',
    ".spec.tenantAllocation.ranges maxItems=16",
    '.spec.tenantAllocation.ranges[] type="object"',
    '.spec.tenantAllocation.ranges[].end type="string"',
    '.spec.tenantAllocation.ranges[].start type="string"',
    ".spec.tenantAllocation.ranges[].end required",
    ".spec.tenantAllocation.ranges[].start required",
    '.status.infrastructureAllocations type="array"',
    '.status.infrastructureAllocations x-kubernetes-list-type="map"',
    '.status.infrastructureAllocations x-kubernetes-list-map-keys=["ip"]',
    '.status.infrastructureAllocations[] type="object"',
    '.status.infrastructureAllocations[].ip type="string"',
    '.status.infrastructureAllocations[].ip pattern="^(\\\\d{1,3}\\\\.){3}\\\\d{1,3}$"',
    ".status.infrastructureAllocations[].ip required",
    '.status.infrastructureAllocations[].source type="string"',
    ".status.infrastructureAllocations[].source required",
    '.status.infrastructureAllocations[].machineRef type="object"',
    '.status.infrastructureAllocations[].machineRef.name type="string"',
    ".status.infrastructureAllocations[].machineRef.name minLength=1",
    ".status.infrastructureAllocations[].machineRef.name required",
    '.status.infrastructureAllocations[].machineRef.namespace type="string"',
    ".status.infrastructureAllocations[].machineRef.namespace minLength=1",
    ".status.infrastructureAllocations[].machineRef.namespace required",
    '.status.infrastructureAllocations[].nodeRef type="object"',
    '.status.infrastructureAllocations[].nodeRef.name type="string"',
    ".status.infrastructureAllocations[].nodeRef.name minLength=1",
    ".status.infrastructureAllocations[].nodeRef.name required",
    '.status.infrastructureAllocations[].serviceRef type="object"',
    '.status.infrastructureAllocations[].serviceRef.name type="string"',
    ".status.infrastructureAllocations[].serviceRef.name minLength=1",
    ".status.infrastructureAllocations[].serviceRef.name required",
    '.status.infrastructureAllocations[].serviceRef.namespace type="string"',
    ".status.infrastructureAllocations[].serviceRef.namespace minLength=1",
    ".status.infrastructureAllocations[].serviceRef.namespace required",
    '.status.infrastructureConsumedIPs type="integer"',
    '.status.infrastructureConsumedIPs format="int32"',
    '.status.poolSizeIPs type="integer"',
    '.status.poolSizeIPs format="int32"',
    '.status.reservedIPs type="integer"',
    '.status.reservedIPs format="int32"',
    '.status.unmanagedRanges type="array"',
    '.status.unmanagedRanges[] type="object"',
    '.status.unmanagedRanges[].end type="string"',
    '.status.unmanagedRanges[].start type="string"',
    ".status.unmanagedRanges[].end required",
    ".status.unmanagedRanges[].start required",
    '.status.unmanagedScopeIPs type="integer"',
    '.status.unmanagedScopeIPs format="int32"',
  ],
  "providerconfigs.butler.butlerlabs.dev": [
    '.spec x-kubernetes-validations=[{"rule":"self.provider == \'local\' || (has(self.credentialsRef) && self.credentialsRef.name != \'\')","message":"credentialsRef with a non-empty name is required for all providers except local"}]',
    '.spec.provider enum=["harvester","nutanix","proxmox","azure","aws","gcp","local"]',
    '.spec.local type="object"',
    '.spec.local.kindNodeImage type="string"',
    // no id lies between 200 and 100
    '.spec.proxmox.vmidRange x-kubernetes-validations=[{"rule":"self.start <= self.end","message":"start must not be greater than end"}]',
  ],
  "tenantaddons.butler.butlerlabs.dev": [
    // there is nothing to install otherwise
    '.spec x-kubernetes-validations=[{"rule":"(has(self.addon) && self.addon != \'\') || has(self.helm)","message":"addon or helm must be set: without either there is nothing to install"}]',
  ],
  "users.butler.butlerlabs.dev": [
    '.status.phase enum=["Pending","Active","Disabled","Locked"]',
    '.status.lastSeenGroups type="array"',
    '.status.lastSeenGroups[] type="string"',
    '.status.teamsResolvedAt type="string"',
    '.status.teamsResolvedAt format="date-time"',
  ],
};

/** The order of rules and enum values differs harmlessly; JSON of a rule must not depend on the order of its keys. */
function normalize(line: string): string {
  const at = line.indexOf("x-kubernetes-validations=");
  if (at < 0) {
    const set = line.indexOf(" enum=");
    if (set < 0) return line;
    return `${line.slice(0, set)} enum=${JSON.stringify((JSON.parse(line.slice(set + 6)) as string[]).sort())}`;
  }
  const rules = JSON.parse(line.slice(at + 25)) as { rule: string; message: string }[];
  return `${line.slice(0, at)}${JSON.stringify(rules.map((r) => `${r.rule} => ${r.message}`))}`;
}

function difference(a: ReadonlySet<string>, b: ReadonlySet<string>): string[] {
  const right = new Set([...b].map(normalize));
  return [...new Set([...a].map(normalize))].filter((line) => !right.has(line)).sort();
}

describe("the published CRDs and ours", () => {
  for (const original of originals()) {
    const name = original.metadata.name;
    test(`${name}: ours demands what the published schema demands, but for listed and explained lines`, () => {
      const theirs = linesOf(original);
      const mine = linesOf(ours(name));
      assert.deepEqual(difference(theirs, mine), (DROPPED[name] ?? []).map(normalize).sort());
      assert.deepEqual(difference(mine, theirs), (ADDED[name] ?? []).map(normalize).sort());
    });

    test(`${name}: names, scope, subresources and columns are the published ones`, () => {
      const mine = ours(name);
      const version = mine.spec.versions[0];
      const theirVersion = original.spec.versions[0];
      assert.equal(mine.spec.group, original.spec.group);
      assert.equal(mine.spec.scope, original.spec.scope);
      assert.deepEqual(mine.spec.names, original.spec.names);
      assert.deepEqual(version?.subresources, theirVersion?.subresources);
      assert.deepEqual([version?.name, version?.served, version?.storage], ["v1alpha1", true, true]);
      const bare = version?.additionalPrinterColumns?.map(({ description: _, ...rest }) => rest);
      assert.deepEqual(bare, theirVersion?.additionalPrinterColumns);
    });
  }

  test("there are 18 kinds: the 17 published ones and ClusterCreationPolicy", () => {
    const names = new Set(originals().map((crd) => crd.metadata.name));
    assert.equal(names.size, 17);
    assert.deepEqual(
      BUTLER_CRDS.map((crd) => crd.metadata.name).filter((name) => !names.has(name)),
      ["clustercreationpolicies.butler.butlerlabs.dev"],
    );
    assert.equal(BUTLER_CRDS.length, 18);
  });
});

test("ClusterCreationPolicy has the fields and constraints of the CRD chart 0.22.0", () => {
  const crd = ours("clustercreationpolicies.butler.butlerlabs.dev");
  assert.deepEqual([crd.spec.scope, crd.spec.names.shortNames], ["Cluster", ["ccp"]]);
  assert.deepEqual(crd.spec.versions[0]?.subresources, { status: {} });
  const spec = [...linesOf(crd)].filter((line) => line.startsWith(".spec")).sort();
  assert.deepEqual(spec, [
    '.spec type="object"',
    '.spec.options type="object"',
    '.spec.options{} type="object"',
    '.spec.options{}.default type="string"',
    '.spec.options{}.mode enum=["pin","allowList","default","recommended"]',
    ".spec.options{}.mode required",
    '.spec.options{}.mode type="string"',
    ".spec.options{}.recommendedReason maxLength=120",
    '.spec.options{}.recommendedReason type="string"',
    '.spec.options{}.values type="array"',
    '.spec.options{}.values[] type="string"',
    ".spec.scope required",
    '.spec.scope type="object"',
    '.spec.scope x-kubernetes-validations=[{"rule":"(has(self.platformWide)?1:0) + (has(self.team)?1:0) + (has(self.teamAndEnvironment)?1:0) == 1","message":"exactly one of platformWide, team, or teamAndEnvironment must be set"}]',
    '.spec.scope.platformWide type="object"',
    '.spec.scope.team type="object"',
    ".spec.scope.team.teamRef required",
    '.spec.scope.team.teamRef type="object"',
    ".spec.scope.team.teamRef.name minLength=1",
    ".spec.scope.team.teamRef.name required",
    '.spec.scope.team.teamRef.name type="string"',
    '.spec.scope.teamAndEnvironment type="object"',
    ".spec.scope.teamAndEnvironment.environmentName maxLength=63",
    ".spec.scope.teamAndEnvironment.environmentName minLength=1",
    ".spec.scope.teamAndEnvironment.environmentName required",
    '.spec.scope.teamAndEnvironment.environmentName type="string"',
    ".spec.scope.teamAndEnvironment.teamRef required",
    '.spec.scope.teamAndEnvironment.teamRef type="object"',
    ".spec.scope.teamAndEnvironment.teamRef.name minLength=1",
    ".spec.scope.teamAndEnvironment.teamRef.name required",
    '.spec.scope.teamAndEnvironment.teamRef.name type="string"',
    '.spec.targetProviders type="array"',
    '.spec.targetProviders[] enum=["harvester","nutanix","proxmox","azure","aws","gcp","local"]',
    '.spec.targetProviders[] type="string"',
  ]);
});
