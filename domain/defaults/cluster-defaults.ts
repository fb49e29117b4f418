// Defaults of team and environment for a TenantCluster that is being created.

import type { ClusterDefaults } from "@holdfast/contracts/butler-api/parts/cluster-defaults";
import type { Json } from "@holdfast/contracts/butler-api/schema-dsl";
import type { Team } from "@holdfast/contracts/butler-api/team";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import { environmentOf } from "../quota/account.ts";

/** An operation of RFC 6902. */
export interface PatchOperation {
  readonly op: "add" | "replace";
  readonly path: string;
  readonly value: Json;
}

/** What is needed to apply the defaults. */
export interface ClusterDefaultFacts {
  /** The object as the webhook gets it: the schema's own defaults are already in it. */
  readonly object: TenantCluster;
  /** The Team it counts for (`teamNameOf`); undefined where there is none. */
  readonly team?: Team;
  /**
   * What the client really wrote, where it is known (see {@link requestFromLastApplied}). With it a value the schema stamped
   * gives way to the team's; without it every value in the object counts as written.
   */
  readonly request?: unknown;
}

/** The object kubectl says it applied, from its annotation; undefined without one or where it is not JSON. */
export function requestFromLastApplied(object: TenantCluster): unknown {
  const text = object.metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The defaults in force: those of the environment where it has any, else the team's, field by field. */
export function effectiveDefaults(team: Team, environment: string): ClusterDefaults {
  const own = team.spec?.environments?.find((candidate) => candidate.name === environment)?.clusterDefaults;
  return { ...team.spec?.clusterDefaults, ...own };
}

/**
 * JSON patch operations that fill what the request leaves out. An object that lacks nothing gets none.
 *
 * `defaultAddons` are no part of a TenantCluster: whoever installs addons reads them from {@link effectiveDefaults}.
 */
export function clusterDefaultOperations(facts: ClusterDefaultFacts): PatchOperation[] {
  if (facts.team === undefined) return [];
  const defaults = effectiveDefaults(facts.team, environmentOf(facts.object));
  const operations: PatchOperation[] = [];
  const made = new Set<string>();
  for (const { path, value } of targetsOf(defaults)) {
    const there = has(facts.object, path);
    const written = facts.request === undefined ? there : has(facts.request, path);
    if (written) continue;
    addParents({ object: facts.object, path, made, operations });
    operations.push({ op: there ? "replace" : "add", path: pointer(path), value });
  }
  return operations;
}

function targetsOf(defaults: ClusterDefaults): { path: string[]; value: Json }[] {
  const targets: { path: string[]; value: Json }[] = [];
  const add = (path: string[], value: Json | undefined) => {
    if (value !== undefined) targets.push({ path: ["spec", ...path], value });
  };
  add(["kubernetesVersion"], defaults.kubernetesVersion === "" ? undefined : defaults.kubernetesVersion);
  // A cluster has at least one worker; a default of 0 would make every request invalid.
  add(["workers", "replicas"], (defaults.workerCount ?? 0) > 0 ? defaults.workerCount : undefined);
  add(["workers", "machineTemplate", "cpu"], defaults.workerCPU);
  add(["workers", "machineTemplate", "memory"], gibibytes(defaults.workerMemoryGi));
  add(["workers", "machineTemplate", "diskSize"], gibibytes(defaults.workerDiskGi));
  return targets;
}

function gibibytes(count: number | undefined): string | undefined {
  return count === undefined ? undefined : `${count}Gi`;
}

function addParents(at: {
  readonly object: unknown;
  readonly path: readonly string[];
  readonly made: Set<string>;
  readonly operations: PatchOperation[];
}): void {
  for (let length = 1; length < at.path.length; length++) {
    const parent = at.path.slice(0, length);
    const name = pointer(parent);
    if (at.made.has(name) || has(at.object, parent)) continue;
    at.made.add(name);
    at.operations.push({ op: "add", path: name, value: {} });
  }
}

function has(root: unknown, path: readonly string[]): boolean {
  let value: unknown = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return false;
    value = (value as Record<string, unknown>)[key];
  }
  return value !== undefined && value !== null;
}

function pointer(path: readonly string[]): string {
  return `/${path.join("/")}`;
}
