import { conditions } from "./parts/conditions.ts";
import { PROVIDER_TYPES } from "./parts/providers.ts";
import { localRef, secretRef } from "./parts/references.ts";
import { AGE, column, defineResource, type ResourceOf } from "./resource.ts";
import { boolean, choice, dateTime, integer, list, object, required, string, strings } from "./schema-dsl.ts";

const HTTP_URL = "^https?://";

const PROVIDER_BLOCKS = {
  harvester: object("Settings of Harvester.", {
    networkName: required(string("Network of the nodes, as namespace/name.", { pattern: "^[a-z0-9-]+/[a-z0-9-]+$" })),
    endpoint: string("Address of the Harvester API. Without it the one in the kubeconfig Secret."),
    namespace: string("Namespace of the virtual machines.", { default: "default" }),
    imageName: string("Image of the nodes, as namespace/name."),
    storageClassName: string("StorageClass of the disks."),
  }),
  nutanix: object("Settings of Nutanix.", {
    endpoint: required(string("Address of Prism Central.", { pattern: HTTP_URL })),
    port: integer("Port of Prism Central.", { default: 9440 }),
    insecure: boolean("Accepts any certificate of Prism Central. Prefer ca.pem in the credentials Secret.", {
      default: false,
    }),
    clusterUUID: required(string("Prism Element cluster the machines run on.")),
    subnetUUID: required(string("Subnet of the nodes.")),
    imageUUID: string("Image of the nodes."),
    storageContainerUUID: string("Storage container of the disks."),
  }),
  proxmox: object("Settings of Proxmox VE.", {
    endpoint: required(string("Address of the Proxmox API.", { pattern: HTTP_URL })),
    insecure: boolean("Accepts any certificate of the API.", { default: false }),
    nodes: required(strings("Hosts that machines may run on.", { minItems: 1 })),
    storage: required(string("Storage of the disks.")),
    templateID: integer("Template the machines are cloned from."),
    vmidRange: object(
      "Machine ids Butler may use.",
      {
        start: required(integer("First id.", { minimum: 100 })),
        end: required(integer("Last id, included.", { minimum: 100 })),
      },
      { rules: [{ rule: "self.start <= self.end", message: "start must not be greater than end" }] },
    ),
  }),
  azure: object("Settings of Microsoft Azure.", {
    subscriptionID: required(string("Subscription that is billed.")),
    resourceGroup: required(string("Resource group of the machines.")),
    location: string("Region."),
    vnetName: string("Virtual network of the machines."),
    subnetName: string("Subnet of the machines."),
    vmSize: string("Machine size."),
    imageURN: string("Image of the machines."),
  }),
  aws: object("Settings of Amazon Web Services.", {
    region: required(string("Region.")),
    vpcID: string("VPC of the machines."),
    subnetIDs: strings("Subnets of the machines."),
    securityGroupIDs: strings("Security groups of the machines."),
  }),
  gcp: object("Settings of Google Cloud.", {
    projectID: required(string("Project that is billed.")),
    region: required(string("Region.")),
    zone: string("Zone of the machines."),
    network: string("Network of the machines."),
    subnetwork: string("Subnetwork of the machines."),
    machineType: string("Machine type."),
    image: string("Image of the machines."),
    imageFamily: string("Image family; the newest image of it is taken."),
    imageProject: string("Project the image belongs to."),
    serviceAccount: string("Service account of the machines."),
    tags: strings("Network tags of the machines."),
  }),
  local: object("Settings of clusters on the machine itself.", {
    kindNodeImage: string("Node image, where nodes are containers."),
  }),
} as const;

const network = object("Where addresses come from, and the network of the nodes.", {
  mode: choice("ipam takes addresses from NetworkPools; cloud leaves them to the provider.", ["ipam", "cloud"], {
    default: "cloud",
  }),
  poolRefs: list(
    "NetworkPools that are tried.",
    object("A NetworkPool that is tried.", {
      name: required(string("Name of the NetworkPool.")),
      priority: integer("Lower numbers are tried first; equal ones in the listed order.", { default: 0 }),
    }),
  ),
  subnet: string("Subnet of the nodes, as a CIDR."),
  gateway: string("Gateway of the nodes."),
  dnsServers: strings("Name servers of the nodes."),
  timeServers: strings("NTP servers of the nodes."),
  loadBalancer: object("How many load balancer addresses a cluster holds.", {
    allocationMode: choice("static keeps one number; elastic follows demand.", ["static", "elastic"], {
      default: "static",
    }),
    defaultPoolSize: integer("Addresses of a cluster in static mode.", { default: 8, minimum: 1 }),
    initialPoolSize: integer("Addresses a cluster starts with in elastic mode.", { default: 2, minimum: 1 }),
    growthIncrement: integer("Addresses added at a time in elastic mode.", { default: 2, minimum: 1 }),
  }),
  quotaPerTenant: object("Most addresses one cluster may hold.", {
    maxNodeIPs: integer("Addresses of nodes.", { minimum: 1 }),
    maxLoadBalancerIPs: integer("Addresses of load balancers.", { minimum: 1 }),
  }),
});

/** ProviderConfig: access to a place where nodes can be made. */
export const PROVIDER_CONFIG = defineResource({
  kind: "ProviderConfig",
  plural: "providerconfigs",
  shortNames: ["pc"],
  scope: "Namespaced",
  description: "Access to an infrastructure provider: address, credentials, network, and who may use it.",
  columns: [
    column("Provider", ".spec.provider", "Kind of provider"),
    column("Scope", ".spec.scope.type", "Who may use it"),
    column("Ready", ".status.ready", "Whether clusters can be made with it", { type: "boolean" }),
    column("Validated", ".status.validated", "Whether the credentials were checked", { type: "boolean" }),
    AGE,
  ],
  spec: object(
    "The provider and how it is used.",
    {
      provider: required(choice("Kind of provider; the block of the same name holds its settings.", PROVIDER_TYPES)),
      credentialsRef: secretRef("Secret with the credentials. Every provider but local needs it."),
      scope: object("Who may use the provider.", {
        type: choice("platform: every team. team: the named one alone.", ["platform", "team"], { default: "platform" }),
        teamRef: localRef("The team of scope team."),
      }),
      limits: object("Limits every team has at this provider.", {
        maxClustersPerTeam: integer("Clusters of a team.", { minimum: 1 }),
        maxNodesPerTeam: integer("Worker nodes of a team.", { minimum: 1 }),
      }),
      network,
      ...PROVIDER_BLOCKS,
    },
    {
      rules: [
        {
          rule: "self.provider == 'local' || (has(self.credentialsRef) && self.credentialsRef.name != '')",
          message: "credentialsRef with a non-empty name is required for all providers except local",
        },
      ],
    },
  ),
  status: object("What is known about the provider.", {
    ready: boolean("Whether clusters can be made with it."),
    validated: boolean("Whether the credentials were checked."),
    providerVersion: string("Version the provider reports."),
    capacity: object("Room that is left.", {
      availableIPs: integer("Free addresses in the referenced pools."),
      estimatedTenants: integer("Clusters the free addresses suffice for."),
    }),
    lastProbeTime: dateTime("When the provider was last reached."),
    lastValidationTime: dateTime("When the credentials were last checked."),
    conditions: conditions(),
  }),
});

/** A ProviderConfig object. */
export type ProviderConfig = ResourceOf<typeof PROVIDER_CONFIG>;
