import type { Team, TeamResourceLimits } from "@holdfast/contracts/butler-api/team";
import { isZeroQuantity } from "../quota/quantity.ts";

const COUNTS = [
  "maxClusters",
  "maxTotalNodes",
  "maxNodesPerCluster",
] as const satisfies readonly (keyof TeamResourceLimits)[];
const QUANTITIES = ["maxCPUCores", "maxMemory", "maxStorage"] as const satisfies readonly (keyof TeamResourceLimits)[];
const ENVIRONMENT_COUNTS = ["maxClusters", "maxClustersPerMember"] as const;

/**
 * What an admin should hear about a Team that is allowed: what a limit of 0 means (it means different things in different
 * places, and always has), environments that leave labelled clusters behind, and a team nobody administers any more.
 * Only about what the request changes.
 */
export function teamWarnings(
  object: Team,
  old: Team | undefined,
  clustersByEnvironment: ReadonlyMap<string, number> = new Map(),
): string[] {
  return [
    ...limitWarnings(object, old),
    ...environmentWarnings(object, old, clustersByEnvironment),
    ...adminWarning(object, old),
  ];
}

function limitWarnings(object: Team, old: Team | undefined): string[] {
  const warnings: string[] = [];
  const limits = object.spec?.resourceLimits;
  const before = old?.spec?.resourceLimits;
  for (const name of COUNTS) {
    if (limits?.[name] === 0 && before?.[name] !== 0) {
      warnings.push(`spec.resourceLimits.${name} is 0 and allows none; leave it out for no limit`);
    }
  }
  for (const name of QUANTITIES) {
    if (isZeroQuantity(limits?.[name]) && !isZeroQuantity(before?.[name])) {
      warnings.push(`spec.resourceLimits.${name} is 0 and does not limit; set maxClusters to 0 to allow none`);
    }
  }
  return warnings;
}

function environmentWarnings(
  object: Team,
  old: Team | undefined,
  clustersByEnvironment: ReadonlyMap<string, number>,
): string[] {
  const warnings: string[] = [];
  const before = new Map((old?.spec?.environments ?? []).map((environment) => [environment.name, environment]));
  for (const environment of object.spec?.environments ?? []) {
    for (const name of ENVIRONMENT_COUNTS) {
      if (environment.limits?.[name] === 0 && before.get(environment.name)?.limits?.[name] !== 0) {
        const at = `spec.environments[${JSON.stringify(environment.name)}].limits.${name}`;
        warnings.push(`${at} is 0 and means no limit of the environment; the limits of the team still apply`);
      }
    }
    before.delete(environment.name);
  }
  for (const name of before.keys()) {
    const count = clustersByEnvironment.get(name) ?? 0;
    if (count > 0) {
      warnings.push(
        `environment ${JSON.stringify(name)} is removed while ${count} cluster(s) carry its label; they keep the label and no environment limit applies to them`,
      );
    }
  }
  return warnings;
}

function adminWarning(object: Team, old: Team | undefined): string[] {
  if (old === undefined || !hasAdmin(old) || hasAdmin(object)) return [];
  return [
    `team ${JSON.stringify(object.metadata.name ?? "")} has no admin any more; only platform admins can change it`,
  ];
}

function hasAdmin(team: Team): boolean {
  const { users = [], groups = [] } = team.spec?.access ?? {};
  return [...users, ...groups].some((subject) => subject.role === "admin");
}
