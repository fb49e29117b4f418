import { conditions, observedGeneration } from "./parts/conditions.ts";
import { controlPlaneExposure, controlPlaneResources, EXPOSURE_MODES } from "./parts/control-plane.ts";
import { fullRef, localRef, secretRef } from "./parts/references.ts";
import { AGE, column, defineResource, type ResourceOf } from "./resource.ts";
import { boolean, choice, dateTime, integer, object, quantity, required, string, strings } from "./schema-dsl.ts";

const observability = object("Where tenants send logs, metrics and traces.", {
  pipeline: object("The receiving end.", {
    clusterRef: fullRef("TenantCluster that receives."),
    logEndpoint: string("URL logs are sent to."),
    metricEndpoint: string("URL metrics are written to."),
    traceEndpoint: string("Address traces are sent to."),
  }),
  collection: object("What is collected.", {
    autoEnroll: object("Agents every new cluster gets.", {
      vectorAgent: boolean("Log agent."),
      prometheus: boolean("Prometheus operator."),
      otelCollector: boolean("OpenTelemetry collector."),
    }),
    logs: object("Sources of logs.", {
      podLogs: boolean("Output of containers."),
      journald: boolean("System journal of the nodes."),
      kubernetesEvents: boolean("Events of the API server."),
    }),
    metrics: object("Metrics.", {
      enabled: boolean("Whether metrics are collected."),
      retention: string("How long they are kept, such as 15d."),
    }),
  }),
});

/** ButlerConfig: the settings of the platform. */
export const BUTLER_CONFIG = defineResource({
  kind: "ButlerConfig",
  plural: "butlerconfigs",
  shortNames: ["bc"],
  scope: "Cluster",
  description: "Settings of the whole platform. Only the object named butler counts.",
  columns: [
    column("Mode", ".spec.multiTenancy.mode", "Whether clusters must belong to teams"),
    column("Git", ".spec.gitProvider.type", "Kind of Git host"),
    column("Teams", ".status.teamCount", "Teams of the platform", { type: "integer" }),
    column("Clusters", ".status.clusterCount", "Clusters of the platform", { type: "integer" }),
    AGE,
  ],
  spec: object("The settings.", {
    multiTenancy: object("Teams.", {
      mode: choice(
        "Enforced: every cluster belongs to a team. Optional: it may. Disabled: all clusters live in one namespace.",
        ["Enforced", "Optional", "Disabled"],
        { default: "Disabled" },
      ),
    }),
    defaultNamespace: string("Namespace of clusters without a team.", { default: "butler-tenants" }),
    defaultProviderConfigRef: localRef("ProviderConfig of clusters that name none."),
    defaultTeamLimits: object("Limits of teams that have none of their own.", {
      maxClusters: integer("Clusters of a team.", { minimum: 1 }),
      maxWorkersPerCluster: integer("Worker nodes of a cluster.", { minimum: 1 }),
      maxTotalCPU: quantity("CPU cores of all worker nodes of a team."),
      maxTotalMemory: quantity("Memory of all worker nodes of a team."),
      maxTotalStorage: quantity("Disk of all worker nodes of a team."),
    }),
    defaultAddonVersions: object("Chart versions of built-in addons where a cluster names none.", {
      cilium: string("Cilium."),
      certManager: string("cert-manager."),
      longhorn: string("Longhorn."),
      metallb: string("MetalLB."),
      traefik: string("Traefik."),
      fluxcd: string("Flux."),
    }),
    defaultControlPlaneResources: controlPlaneResources("Resources of control planes that state none."),
    controlPlaneExposure: controlPlaneExposure("How control planes of tenants are reached."),
    defaultTimeServers: strings("NTP servers of nodes where neither cluster nor provider names any."),
    sshAuthorizedKey: string("Public key that may log in to every node."),
    gitProvider: object("Git host the console works with.", {
      type: required(choice("Kind of host.", ["github", "gitlab", "bitbucket"])),
      url: string("API address of the host.", { default: "https://api.github.com" }),
      organization: string("Organization or group repositories are looked for in."),
      secretRef: required(localRef("Secret with the access token.")),
    }),
    imageFactory: object("Service that builds Talos images.", {
      url: required(string("Address of the service.", { pattern: "^https?://" })),
      autoSync: boolean("Whether images are copied to the provider when a cluster needs them.", { default: true }),
      defaultSchematicID: string("Schematic of clusters that name none."),
      credentialsRef: secretRef("Secret with the credentials for a private factory."),
    }),
    audit: object("Record of who did what.", {
      enabled: boolean("Whether requests are recorded.", { default: true }),
      bufferSize: integer("Entries kept.", { default: 10000, minimum: 100, maximum: 100000 }),
      webhookURL: string("URL every entry is also sent to."),
    }),
    notifications: object("Messages about events of the platform.", {
      webhookURL: string("URL they are sent to."),
    }),
    observability,
  }),
  status: object("What the controller knows about the platform.", {
    teamCount: integer("Teams."),
    clusterCount: integer("Clusters."),
    controlPlaneExposureMode: choice("Exposure mode in force.", EXPOSURE_MODES),
    tcpProxyRequired: boolean("Whether tenants need the TCP proxy to reach their own API server."),
    gitProvider: object("State of the Git host.", {
      connected: boolean("Whether the token works."),
      username: string("Account the token belongs to."),
      message: string("Why it does not work."),
      lastValidated: dateTime("When the token was last tried."),
    }),
    observability: object("State of the collection.", {
      pipelineReady: boolean("Whether the receiving end answers."),
      enrolledCount: integer("Clusters that send."),
      totalCount: integer("Clusters there are."),
    }),
    conditions: conditions(),
    observedGeneration: observedGeneration(),
  }),
});

/** A ButlerConfig object. */
export type ButlerConfig = ResourceOf<typeof BUTLER_CONFIG>;
