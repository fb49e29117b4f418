// Whether a ProviderConfig may be created, changed or deleted (vproviderconfig.kb.io).

import { forbidden, notFound, required } from "@holdfast/apimachinery/meta/field-error";
import { jsonEqual } from "@holdfast/apimachinery/meta/json-equal";
import type { ProviderConfig } from "@holdfast/contracts/butler-api/provider-config";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import { allow, type Decision, decideBy, type Finding } from "../decision.ts";
import { teamNameOf } from "../quota/account.ts";
import { providerRefOf } from "../quota/provider-rules.ts";

/** What is needed to decide about a ProviderConfig. */
export interface ProviderFacts {
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  /** On DELETE the object that is to go. */
  readonly object: ProviderConfig;
  /** The stored object; on UPDATE only. */
  readonly oldObject?: ProviderConfig;
  /** All TenantClusters of all namespaces. Not needed on CREATE. */
  readonly clusters: readonly TenantCluster[];
  /** Names of the NetworkPools in the object's namespace. Not needed on DELETE. */
  readonly poolNames: ReadonlySet<string>;
  /** Names of all Teams. Not needed on DELETE. */
  readonly teamNames: ReadonlySet<string>;
}

/** Decides about the creation, change or deletion of a ProviderConfig. */
export function decideProvider(facts: ProviderFacts): Decision {
  if (facts.operation === "DELETE") return decideBy(referenceFindings(facts));
  const { object } = facts;
  const old = facts.operation === "UPDATE" ? facts.oldObject : undefined;
  // What does not change is not judged again: finalizers and labels must pass whatever the object looks like.
  if (old !== undefined && jsonEqual(object.spec, old.spec)) return allow();
  const findings = [
    ...blockFindings(object),
    ...scopeFindings(object),
    ...networkFindings(object),
    ...existenceFindings(facts, old),
    ...(old === undefined ? [] : immutabilityFindings(facts, old)),
  ];
  return decideBy(findings, blockWarnings(object));
}

function missing(field: string, detail: string): Finding {
  return { code: "PROVIDER_SPEC", error: required(field, detail) };
}

/** The fields a cloud cannot do without, and what it is called in the sentences. */
const CLOUDS = {
  azure: { name: "Azure", fields: ["subscriptionID", "resourceGroup"] },
  aws: { name: "AWS", fields: ["region"] },
  gcp: { name: "GCP", fields: ["projectID", "region"] },
} as const;

function isCloud(provider: string): provider is keyof typeof CLOUDS {
  return Object.hasOwn(CLOUDS, provider);
}

function blockFindings(object: ProviderConfig): Finding[] {
  const provider = object.spec?.provider ?? "";
  if (!isCloud(provider)) return [];
  const block = object.spec?.[provider] as Readonly<Record<string, unknown>> | undefined;
  if (block === undefined) {
    return [missing(`spec.${provider}`, `${provider} configuration is required when provider is "${provider}"`)];
  }
  const { name, fields } = CLOUDS[provider];
  return fields
    .filter((field) => (block[field] ?? "") === "")
    .map((field) => missing(`spec.${provider}.${field}`, `${field} is required for ${name} provider`));
}

/** The original never asked for these blocks, so their absence is only told. */
function blockWarnings(object: ProviderConfig): string[] {
  const provider = object.spec?.provider;
  if (provider !== "harvester" && provider !== "nutanix" && provider !== "proxmox") return [];
  if (object.spec?.[provider] !== undefined) return [];
  return [`spec.${provider} is not set; clusters at this provider must bring every setting themselves`];
}

function scopeFindings(object: ProviderConfig): Finding[] {
  const scope = object.spec?.scope;
  if (scope?.type !== "team" || scope.teamRef !== undefined) return [];
  return [missing("spec.scope.teamRef", 'teamRef is required when scope type is "team"')];
}

function networkFindings(object: ProviderConfig): Finding[] {
  const network = object.spec?.network;
  if (network?.mode !== "ipam") return [];
  const findings: Finding[] = [];
  if ((network.poolRefs ?? []).length === 0) {
    findings.push(missing("spec.network.poolRefs", 'at least one poolRef is required when network mode is "ipam"'));
  }
  if (isCloud(object.spec?.provider ?? "")) {
    const error = forbidden("spec.network.mode", "IPAM mode is not supported for cloud providers");
    findings.push({ code: "PROVIDER_SPEC", error });
  }
  return findings;
}

/** Pools and team must exist when they are named; what was named before is left alone. */
function existenceFindings(facts: ProviderFacts, old: ProviderConfig | undefined): Finding[] {
  const findings: Finding[] = [];
  const network = facts.object.spec?.network;
  const known = new Set((old?.spec?.network?.poolRefs ?? []).map((ref) => ref.name));
  if (network?.mode === "ipam") {
    for (const [index, ref] of (network.poolRefs ?? []).entries()) {
      if (known.has(ref.name) || facts.poolNames.has(ref.name)) continue;
      findings.push({ code: "PROVIDER_REFERENCE", error: notFound(`spec.network.poolRefs[${index}].name`, ref.name) });
    }
  }
  const scope = facts.object.spec?.scope;
  const team = scope?.type === "team" ? scope.teamRef?.name : undefined;
  if (team !== undefined && team !== old?.spec?.scope?.teamRef?.name && !facts.teamNames.has(team)) {
    findings.push({ code: "PROVIDER_REFERENCE", error: notFound("spec.scope.teamRef.name", team) });
  }
  return findings;
}

/** What live clusters were built on stays: the kind of provider, and that their team may use it. */
function immutabilityFindings(facts: ProviderFacts, old: ProviderConfig): Finding[] {
  const users = usersOf(facts);
  const first = users[0];
  if (first === undefined) return [];
  const findings: Finding[] = [];
  const [now, before] = [facts.object.spec?.provider ?? "", old.spec?.provider ?? ""];
  if (now !== before) {
    const detail = `cannot change provider from ${JSON.stringify(before)} to ${JSON.stringify(now)}: TenantCluster ${clusterName(first)} still references it`;
    findings.push({ code: "PROVIDER_IMMUTABLE", error: forbidden("spec.provider", detail) });
  }
  const [scope, oldScope] = [scopeText(facts.object), scopeText(old)];
  const shutOut = users.find((cluster) => !serves(facts.object, teamNameOf(cluster)));
  if (scope !== oldScope && shutOut !== undefined) {
    const detail = `cannot change scope from ${oldScope} to ${scope}: TenantCluster ${clusterName(shutOut)} of team ${JSON.stringify(teamNameOf(shutOut))} still references it`;
    findings.push({ code: "PROVIDER_IMMUTABLE", error: forbidden("spec.scope", detail) });
  }
  return findings;
}

function serves(config: ProviderConfig, team: string): boolean {
  const scope = config.spec?.scope;
  return scope?.type !== "team" || scope.teamRef?.name === team;
}

function scopeText(config: ProviderConfig): string {
  const scope = config.spec?.scope;
  return scope?.type === "team" ? `team ${JSON.stringify(scope.teamRef?.name ?? "")}` : "platform";
}

function referenceFindings(facts: ProviderFacts): Finding[] {
  const first = usersOf(facts)[0];
  if (first === undefined) return [];
  const detail = `cannot delete ProviderConfig ${JSON.stringify(facts.object.metadata.name ?? "")}: TenantCluster ${clusterName(first)} still references it`;
  return [{ code: "PROVIDER_IN_USE", error: forbidden("metadata.name", detail) }];
}

function usersOf(facts: ProviderFacts): TenantCluster[] {
  const { name, namespace } = facts.object.metadata;
  return facts.clusters.filter((cluster) => {
    const ref = providerRefOf(cluster);
    return ref !== undefined && ref.name === name && ref.namespace === namespace;
  });
}

function clusterName(cluster: TenantCluster): string {
  return `${cluster.metadata.namespace}/${cluster.metadata.name}`;
}
