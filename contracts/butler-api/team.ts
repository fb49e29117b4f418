import { clusterDefaults } from "./parts/cluster-defaults.ts";
import { conditions, observedGeneration } from "./parts/conditions.ts";
import { localRef } from "./parts/references.ts";
import { teamAccess } from "./parts/team-access.ts";
import { AGE, column, defineResource, type ResourceOf } from "./resource.ts";
import { choice, integer, list, object, quantity, required, string, strings } from "./schema-dsl.ts";

const resourceLimits = object(
  "Hard limits of the team, set by platform admins. An absent field does not limit; a maximum number of 0 allows none.",
  {
    maxClusters: integer("Clusters the team may have. 0 allows none.", { minimum: 0 }),
    maxTotalNodes: integer("Worker nodes of all clusters of the team together. 0 allows none.", { minimum: 0 }),
    maxNodesPerCluster: integer("Worker nodes of one cluster. 0 allows none.", { minimum: 0 }),
    maxCPUCores: quantity("CPU cores of all worker nodes together. 0 does not limit."),
    maxMemory: quantity("Memory of all worker nodes together. 0 does not limit."),
    maxStorage: quantity("Disk of all worker nodes together. 0 does not limit."),
    defaultNodeCount: integer("Worker nodes proposed for a new cluster.", { default: 3, minimum: 0 }),
    defaultCPUPerNode: quantity("CPU cores proposed for a worker node."),
    defaultMemoryPerNode: quantity("Memory proposed for a worker node."),
    allowedKubernetesVersions: strings("Kubernetes versions the team may run. Empty allows all."),
    allowedProviders: strings("ProviderConfigs the team may use. Empty allows all it can see."),
    allowedAddons: strings("Addons the team may install. Empty allows all that are not denied."),
    deniedAddons: strings("Addons the team may not install; wins over allowedAddons."),
  },
);

const environment = object("A part of the team's clusters, such as dev or prod.", {
  name: required(
    string("Name of the environment; clusters carry it as a label value.", {
      minLength: 1,
      maxLength: 63,
      pattern: "^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$",
    }),
  ),
  description: string("What the environment is for."),
  limits: object("Limits inside the team's own, set by team admins. 0 or absent means no limit of the environment.", {
    maxClusters: integer("Clusters of the environment. 0 means no limit.", { minimum: 0 }),
    maxClustersPerMember: integer("Clusters one member may own in the environment. 0 means no limit.", { minimum: 0 }),
  }),
  access: teamAccess(
    "Higher roles for members of the team inside this environment. Adds to the team role, never takes away, and names nobody who is not in the team.",
  ),
  clusterDefaults: clusterDefaults("Defaults for clusters of the environment; win over those of the team."),
});

const utilization = (what: string) =>
  integer(`Share of the ${what} limit in use, in percent.`, { minimum: 0, maximum: 100 });

/** Team: people, their clusters, and the limits of both. */
export const TEAM = defineResource({
  kind: "Team",
  plural: "teams",
  shortNames: ["tm"],
  scope: "Cluster",
  description: "A group of people who own clusters together. The team has a namespace of its own name for them.",
  columns: [
    column("Display Name", ".spec.displayName", "Name for people"),
    column("Phase", ".status.phase", "State of the team"),
    column("Namespace", ".status.namespace", "Namespace of the team's clusters"),
    column("Clusters", ".status.clusterCount", "Clusters of the team", { type: "integer" }),
    column("Quota", ".status.quotaStatus", "Usage against the limits"),
    AGE,
  ],
  spec: object("What the team is and may do.", {
    displayName: string("Name shown to people. Without it the object's name."),
    description: string("What the team does, for people."),
    access: teamAccess("Members of the team and their roles."),
    environments: list(
      "Environments of the team. As soon as there is one, every new cluster must carry the environment label.",
      environment,
      { mapKeys: ["name"] },
    ),
    resourceLimits,
    clusterDefaults: clusterDefaults("Defaults for new clusters of the team."),
    providerConfigRef: localRef("ProviderConfig proposed for new clusters of the team."),
  }),
  status: object("What the controller knows about the team.", {
    phase: choice("State of the team.", ["Pending", "Ready", "Terminating", "Failed"]),
    namespace: string("Namespace the team's clusters live in."),
    clusterCount: integer("Clusters of the team."),
    memberCount: integer("People named in spec.access.users."),
    quotaStatus: choice("OK, Warning near a limit, Exceeded above one.", ["OK", "Warning", "Exceeded"]),
    quotaMessage: string("Which limit is near or exceeded, and by how much."),
    resourceUsage: object("What the clusters of the team take up.", {
      clusters: integer("Clusters."),
      totalNodes: integer("Worker nodes."),
      totalCPU: quantity("CPU cores of all worker nodes."),
      totalMemory: quantity("Memory of all worker nodes."),
      totalStorage: quantity("Disk of all worker nodes."),
      clusterUtilization: utilization("cluster"),
      nodeUtilization: utilization("node"),
      cpuUtilization: utilization("CPU"),
      memoryUtilization: utilization("memory"),
    }),
    conditions: conditions(),
    observedGeneration: observedGeneration(),
  }),
});

/** A Team object. */
export type Team = ResourceOf<typeof TEAM>;
/** The spec of a Team. */
export type TeamSpec = NonNullable<Team["spec"]>;
/** One environment of a Team. */
export type TeamEnvironment = NonNullable<TeamSpec["environments"]>[number];
/** The hard limits of a Team. */
export type TeamResourceLimits = NonNullable<TeamSpec["resourceLimits"]>;
