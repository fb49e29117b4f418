import { atomicConditions, observedGeneration } from "./parts/conditions.ts";
import { controlPlaneExposure } from "./parts/control-plane.ts";
import { PROVIDER_TYPES } from "./parts/providers.ts";
import { namespacedRef, secretRef } from "./parts/references.ts";
import { AGE, column, defineResource, type ResourceOf } from "./resource.ts";
import { boolean, choice, dateTime, integer, list, mapOf, object, required, string } from "./schema-dsl.ts";

const CIDR = "^([0-9]{1,3}\\.){3}[0-9]{1,3}/[0-9]{1,2}$";
const ADDRESS = "^([0-9]{1,3}\\.){3}[0-9]{1,3}$";

function machines(description: string) {
  return object(description, {
    replicas: required(integer("Number of machines.", { minimum: 1, maximum: 10 })),
    cpu: required(integer("CPU cores of a machine.", { minimum: 1, maximum: 128 })),
    memoryMB: required(integer("Memory of a machine in MiB.", { minimum: 2048 })),
    diskGB: required(integer("Root disk of a machine in GiB.", { minimum: 20 })),
    extraDisks: list(
      "Further disks of every machine.",
      object("A further disk.", {
        sizeGB: required(integer("Size in GiB.", { minimum: 1 })),
        storageClass: string("Storage class at the provider."),
      }),
    ),
    labels: mapOf("Labels of the nodes.", string("Value of the label.")),
  });
}

const version = () => string("Version. Without it the one this release was tested with.");

const addons = object("What the new management cluster starts with.", {
  cni: object("Pod network.", {
    type: choice("Which network.", ["cilium", "none"], { default: "cilium" }),
    version: version(),
    hubbleEnabled: boolean("Whether network flows can be watched.", { default: true }),
  }),
  loadBalancer: object("Addresses for Services.", {
    type: choice("Which implementation.", ["metallb", "none"], { default: "metallb" }),
    addressPool: string("Addresses it hands out, as first-last or a CIDR."),
  }),
  storage: object("Persistent volumes.", {
    type: choice("Which implementation.", ["longhorn", "none"], { default: "longhorn" }),
    version: version(),
    replicaCount: integer("Copies of every volume.", { default: 3 }),
  }),
  certManager: object("Certificates.", {
    enabled: boolean("Whether it is installed.", { default: true }),
    version: version(),
  }),
  ingress: object("Ingress controller.", {
    enabled: boolean("Whether one is installed.", { default: true }),
    type: choice("Which controller.", ["traefik", "nginx", "none"], { default: "traefik" }),
    version: version(),
  }),
  controlPlaneHA: object("One address for several control plane machines.", {
    type: choice("Which implementation.", ["kube-vip", "none"], { default: "kube-vip" }),
    version: version(),
  }),
  controlPlaneProvider: object("What hosts the control planes of tenants.", {
    enabled: boolean("Whether it is installed.", { default: true }),
    type: choice("Which implementation.", ["steward", "kamaji", "none"], { default: "steward" }),
    version: version(),
  }),
  capi: object("Cluster API.", {
    enabled: boolean("Whether it is installed.", { default: true }),
    version: string("Version of Cluster API.", { default: "v1.9.4" }),
    infrastructureProviders: list(
      "Infrastructure providers of Cluster API.",
      object("An infrastructure provider.", {
        name: required(choice("Which provider.", ["harvester", "nutanix", "proxmox", "gcp", "aws", "azure"])),
        version: version(),
        credentialsSecretRef: secretRef("Secret with the provider's credentials."),
      }),
    ),
  }),
  gitOps: object("Delivery from Git.", {
    enabled: boolean("Whether it is installed.", { default: true }),
    type: choice("Which engine.", ["flux", "none"], { default: "flux" }),
  }),
  butlerController: object("The controller of this platform.", {
    enabled: boolean("Whether it is installed.", { default: true }),
    image: string("Image without a tag.", { default: "ghcr.io/butlerdotdev/butler-controller" }),
    version: string("Tag of the image.", { default: "latest" }),
  }),
  console: object("The web console.", {
    enabled: boolean("Whether it is installed.", { default: false }),
    version: string("Version of the console.", { default: "latest" }),
    ingress: object("How the console is reached.", {
      enabled: boolean("Whether an Ingress is made.", { default: false }),
      className: string("IngressClass."),
      host: string("Host name."),
      tls: boolean("Whether the Ingress has a certificate.", { default: false }),
      tlsSecretName: string("Secret with the certificate."),
    }),
  }),
});

const network = object(
  "Addresses of the new cluster.",
  {
    podCIDR: required(string("Addresses of pods.", { pattern: CIDR })),
    serviceCIDR: required(string("Addresses of Services.", { pattern: CIDR })),
    vip: string("Address shared by the control plane machines."),
    vipInterface: string("Network interface that carries it."),
    loadBalancerPool: object(
      "Addresses for Services of type LoadBalancer.",
      {
        start: required(string("First address.", { pattern: ADDRESS })),
        end: required(string("Last address, included.", { pattern: ADDRESS })),
      },
      {
        rules: [
          {
            rule: "isIP(self.start) && isIP(self.end)",
            message: "start and end must be IPv4 addresses, every part between 0 and 255",
          },
        ],
      },
    ),
  },
  {
    rules: [
      {
        rule: "isCIDR(self.podCIDR) && isCIDR(self.serviceCIDR)",
        message: "podCIDR and serviceCIDR must be IPv4 networks such as 10.244.0.0/16",
      },
    ],
  },
);

/** ClusterBootstrap: the making of a management cluster. */
export const CLUSTER_BOOTSTRAP = defineResource({
  kind: "ClusterBootstrap",
  plural: "clusterbootstraps",
  shortNames: ["cb"],
  scope: "Namespaced",
  description: "A management cluster that is to be made from nothing: machines, Talos, Kubernetes, addons.",
  columns: [
    column("Cluster", ".spec.cluster.name", "Name of the cluster"),
    column("Topology", ".spec.cluster.topology", "One machine or several"),
    column("Phase", ".status.phase", "How far it has come"),
    column("Endpoint", ".status.controlPlaneEndpoint", "Address of the API server"),
    AGE,
  ],
  spec: object("The cluster that is wanted.", {
    provider: required(choice("Kind of provider.", PROVIDER_TYPES)),
    providerRef: required(namespacedRef("ProviderConfig the machines are made with.")),
    cluster: required(
      object("Machines of the cluster.", {
        name: required(
          string("Name of the cluster, a DNS label.", {
            minLength: 1,
            maxLength: 63,
            pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
          }),
        ),
        topology: choice("single-node runs everything on one machine; ha on several.", ["single-node", "ha"], {
          default: "ha",
        }),
        controlPlane: required(machines("Machines of the control plane.")),
        workers: machines("Machines of the workers."),
      }),
    ),
    network: required(network),
    talos: required(
      object("Operating system of the machines.", {
        version: required(string("Talos version, such as v1.9.3.", { pattern: "^v[0-9]+\\.[0-9]+\\.[0-9]+$" })),
        schematic: required(string("Image Factory schematic.")),
        installDisk: string("Disk Talos is installed to.", { default: "/dev/vda" }),
        configPatches: list(
          "JSON patches of the machine configuration, in this order.",
          object("A JSON patch operation.", {
            op: required(choice("What is done.", ["add", "remove", "replace"])),
            path: required(string("JSON pointer it is done to.")),
            value: string("New value, as JSON text."),
          }),
        ),
      }),
    ),
    addons,
    controlPlaneExposure: controlPlaneExposure("How control planes of tenants will be reached."),
    paused: boolean("Stops the work until unset."),
  }),
  status: object("How far the cluster has come.", {
    phase: string("Step that is being worked on."),
    machines: list(
      "Machines of the cluster.",
      object("A machine of the cluster.", {
        name: required(string("Name of the machine.")),
        role: required(string("control-plane or worker.")),
        phase: required(string("State of the machine.")),
        ipAddress: string("Address of the machine."),
        talosConfigured: boolean("Whether Talos has its configuration."),
        ready: boolean("Whether the node is ready."),
      }),
    ),
    addonsInstalled: mapOf("Addons and whether they are installed.", boolean("Whether it is installed.")),
    controlPlaneEndpoint: string("Address of the API server."),
    consoleURL: string("Address of the console."),
    kubeconfig: string("Administrator kubeconfig, base64."),
    talosconfig: string("Talos client configuration, base64."),
    failureReason: string("One word for why it failed."),
    failureMessage: string("A sentence on why it failed."),
    lastUpdated: dateTime("When the status last changed."),
    conditions: atomicConditions(),
    observedGeneration: observedGeneration(),
  }),
  rules: [
    {
      rule: "!has(self.spec.controlPlaneExposure) || self.spec.controlPlaneExposure.mode != 'Ingress' || self.spec.controlPlaneExposure.hostname != ''",
      message: "hostname is required when controlPlaneExposure.mode is Ingress",
    },
    {
      rule: "!has(self.spec.controlPlaneExposure) || self.spec.controlPlaneExposure.mode != 'Gateway' || self.spec.controlPlaneExposure.hostname != ''",
      message: "hostname is required when controlPlaneExposure.mode is Gateway",
    },
    {
      rule: "!has(self.spec.controlPlaneExposure) || self.spec.controlPlaneExposure.mode != 'Gateway' || self.spec.controlPlaneExposure.gatewayRef != ''",
      message: "gatewayRef is required when controlPlaneExposure.mode is Gateway",
    },
  ],
});

/** A ClusterBootstrap object. */
export type ClusterBootstrap = ResourceOf<typeof CLUSTER_BOOTSTRAP>;
