import { conditions, observedGeneration } from "./parts/conditions.ts";
import { controlPlaneResources } from "./parts/control-plane.ts";
import { addressRange, localRef, namespacedRef } from "./parts/references.ts";
import { AGE, column, defineResource, type ResourceOf } from "./resource.ts";
import {
  boolean,
  choice,
  dateTime,
  freeForm,
  integer,
  list,
  object,
  quantity,
  required,
  string,
  strings,
} from "./schema-dsl.ts";

const values = () => freeForm("Helm values laid over those Butler sets.");

const addons = object("Addons installed together with the cluster. One that is left out gets the platform's default.", {
  cni: object("Pod network.", {
    provider: choice("Which network.", ["cilium"], { default: "cilium" }),
    version: required(string("Chart version.")),
    values: values(),
  }),
  loadBalancer: object("Addresses for Services of type LoadBalancer.", {
    provider: choice("Which implementation.", ["metallb"], { default: "metallb" }),
    version: required(string("Chart version.")),
    values: values(),
  }),
  storage: object("Persistent volumes.", {
    provider: choice("Which implementation.", ["longhorn", "linstor"]),
    version: required(string("Chart version.")),
    values: values(),
  }),
  certManager: object("Certificates.", {
    enabled: boolean("Whether it is installed.", { default: true }),
    version: required(string("Chart version.")),
    values: values(),
  }),
  ingress: object("Ingress controller.", {
    enabled: boolean("Whether one is installed.", { default: true }),
    provider: choice("Which controller.", ["traefik", "nginx"]),
    version: string("Chart version."),
    values: values(),
  }),
  gitops: object("Delivery from Git.", {
    provider: choice("Which engine.", ["fluxcd", "argocd"]),
    version: string("Version of the engine."),
    repository: object("Repository the cluster follows.", {
      url: required(string("Clone URL.")),
      branch: string("Branch that is followed.", { default: "main" }),
      path: string("Folder inside the repository."),
      secretRef: localRef("Secret with the credentials for the repository."),
    }),
  }),
});

const machineTemplate = object("Size and system of every worker node.", {
  cpu: integer("CPU cores.", { default: 4, minimum: 1 }),
  memory: quantity("Memory.", { default: "16Gi" }),
  diskSize: quantity("Size of the root disk.", { default: "100Gi" }),
  os: object("Operating system of the node.", {
    type: choice("Which system.", ["rocky", "flatcar", "talos", "kairos", "bottlerocket"], { default: "rocky" }),
    version: string("Version of the system.", { default: "9.5" }),
    imageRef: string("Image at the provider. Without it the provider's configured one."),
    schematicID: string("Image Factory schematic the image is built from; triggers an ImageSync."),
    sshAuthorizedKey: string("Public key that may log in to the node."),
    talos: object("Settings of Talos nodes.", {
      version: string("Talos version.", { default: "v1.9.3" }),
      installDisk: string("Disk Talos is installed to.", { default: "/dev/vda" }),
      installerImage: string("Installer image. Without it the one that belongs to the version."),
    }),
  }),
});

const infrastructureOverride = object("Settings of the provider for this cluster only.", {
  harvester: object("Harvester.", {
    namespace: string("Namespace of the virtual machines."),
    networkName: string("Network, as namespace/name."),
    imageName: string("Image, as namespace/name."),
  }),
  nutanix: object("Nutanix.", {
    clusterUUID: string("Prism Element cluster."),
    subnetUUID: string("Subnet of the nodes."),
    imageUUID: string("Image of the nodes."),
    storageContainerUUID: string("Storage container of the disks."),
  }),
  proxmox: object("Proxmox VE.", {
    node: string("Host the machines run on."),
    storage: string("Storage of the disks."),
    templateID: integer("Template the machines are cloned from.", { width: "none" }),
  }),
  gcp: object("Google Cloud.", {
    zone: string("Zone of the machines."),
    machineType: string("Machine type."),
    image: string("Image."),
    imageFamily: string("Image family; the newest image of it is taken."),
    subnetwork: string("Subnetwork of the machines."),
  }),
});

const workspaces = object("Development workspaces inside the cluster.", {
  enabled: required(boolean("Whether workspaces may be made.", { default: false })),
  maxWorkspaces: integer("Workspaces the cluster may hold.", { default: 20 }),
  defaultImage: string("Image of a workspace that names none.", {
    default: "ghcr.io/butlerdotdev/workspace-base:latest",
  }),
  autoDeleteAfter: string("Age at which an unused workspace is deleted, as a Go duration.", { default: "720h" }),
  resourceQuota: object("What all workspaces of the cluster may take together.", {
    maxCPU: string("CPU cores, as a quantity.", { default: "16" }),
    maxMemory: string("Memory, as a quantity.", { default: "32Gi" }),
    maxStorage: string("Volumes, as a quantity.", { default: "500Gi" }),
  }),
});

const observedState = object("What was found inside the cluster.", {
  kubernetesVersion: string("Version the API server reports."),
  workers: object("Worker nodes.", {
    desired: required(integer("Nodes asked for.")),
    ready: required(integer("Nodes that report Ready.")),
    nodes: strings("Names of the nodes."),
  }),
  addons: list(
    "Addons found.",
    object("An addon that was found.", {
      name: required(string("Name of the addon.")),
      version: required(string("Version found.")),
      status: required(choice("State.", ["Pending", "Installing", "Healthy", "Degraded", "Failed"])),
      managedBy: required(choice("Who put it there.", ["butler", "flux", "argocd", "manual"])),
    }),
  ),
});

/** TenantCluster: a Kubernetes cluster a team asks for. */
export const TENANT_CLUSTER = defineResource({
  kind: "TenantCluster",
  plural: "tenantclusters",
  shortNames: ["tc"],
  scope: "Namespaced",
  description: "A Kubernetes cluster with a hosted control plane and worker nodes at an infrastructure provider.",
  columns: [
    column("Phase", ".status.phase", "State of the cluster"),
    column("K8s Version", ".spec.kubernetesVersion", "Kubernetes version asked for"),
    column("Workers", ".status.observedState.workers.ready", "Worker nodes that are ready"),
    column("Endpoint", ".status.controlPlaneEndpoint", "Address of the API server"),
    AGE,
  ],
  spec: object("The cluster that is wanted.", {
    kubernetesVersion: required(string("Kubernetes version, such as v1.32.2.", { pattern: "^v\\d+\\.\\d+\\.\\d+$" })),
    teamRef: localRef("Team the cluster belongs to; its limits and environments apply."),
    providerConfigRef: namespacedRef(
      "ProviderConfig the nodes are made with, in butler-system unless a namespace is given. Without the field the platform's default is taken.",
    ),
    controlPlane: object("The hosted control plane.", {
      replicas: integer("Copies of every control plane component.", { default: 1, minimum: 1, maximum: 3 }),
      dataStoreRef: localRef("Store that keeps the cluster's objects. Without it the platform's default."),
      certSANs: strings("Further names and addresses the API server's certificate covers."),
      externalCloudProvider: boolean("Whether a cloud controller manager initializes the nodes.", { default: true }),
      resources: controlPlaneResources("Resources of the control plane components."),
      serviceType: choice("Type of the Service in front of the API server.", ["LoadBalancer", "NodePort", "ClusterIP"]),
    }),
    workers: required(
      object("The worker nodes.", {
        replicas: required(integer("Number of worker nodes.", { minimum: 1 })),
        machineTemplate,
      }),
    ),
    networking: object("Addresses of the cluster.", {
      podCIDR: string("Addresses of pods.", { default: "10.244.0.0/16" }),
      serviceCIDR: string("Addresses of Services.", { default: "10.96.0.0/12" }),
      loadBalancerPool: addressRange(
        "Addresses for Services of type LoadBalancer, where no NetworkPool hands them out.",
      ),
      lbPoolSize: integer("Number of load balancer addresses asked of the NetworkPool.", { minimum: 1 }),
    }),
    addons,
    infrastructureOverride,
    managementPolicy: object("Who changes the cluster.", {
      mode: choice(
        "Active: Butler makes it so. Observe: Butler only reports. GitOps: the repository decides.",
        ["Active", "Observe", "GitOps"],
        { default: "Active" },
      ),
    }),
    timeServers: strings("NTP servers of the nodes. Without them those of the provider or the platform."),
    workspaces,
  }),
  status: object("The cluster that is there.", {
    phase: choice("Where the cluster is in its life.", [
      "Pending",
      "Provisioning",
      "Installing",
      "Ready",
      "Updating",
      "Deleting",
      "Failed",
    ]),
    tenantNamespace: string("Namespace of the objects the cluster is made of."),
    controlPlaneEndpoint: string("Address of the API server, host and port."),
    kubeconfigSecretRef: localRef("Secret with the administrator kubeconfig, in the tenant namespace."),
    ipAllocationRef: localRef("IPAllocation of the nodes."),
    lbAllocationRef: localRef("IPAllocation of the load balancers."),
    imageSyncRef: localRef("ImageSync the node image comes from."),
    workerNodesDesired: integer("Worker nodes asked for."),
    workerNodesReady: integer("Worker nodes that are ready."),
    observedState,
    lastTransitionTime: dateTime("When the phase last changed."),
    conditions: conditions(),
    observedGeneration: observedGeneration(),
  }),
});

/** A TenantCluster object. */
export type TenantCluster = ResourceOf<typeof TENANT_CLUSTER>;
/** The spec of a TenantCluster. */
export type TenantClusterSpec = NonNullable<TenantCluster["spec"]>;
