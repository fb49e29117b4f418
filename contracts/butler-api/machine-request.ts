import { conditions, observedGeneration } from "./parts/conditions.ts";
import { namespacedRef } from "./parts/references.ts";
import { AGE, column, defineResource, type ResourceOf } from "./resource.ts";
import { choice, dateTime, integer, list, mapOf, object, required, string, strings } from "./schema-dsl.ts";

/** MachineRequest: a virtual machine of a cluster that is being bootstrapped. */
export const MACHINE_REQUEST = defineResource({
  kind: "MachineRequest",
  plural: "machinerequests",
  shortNames: ["mr"],
  scope: "Namespaced",
  description: "A virtual machine a provider is asked for while a management cluster is bootstrapped.",
  columns: [
    column("Machine", ".spec.machineName", "Name of the machine"),
    column("Role", ".spec.role", "What the machine is for"),
    column("Phase", ".status.phase", "State of the machine"),
    column("IP", ".status.ipAddress", "Address of the machine"),
    AGE,
  ],
  spec: object("The machine that is wanted.", {
    machineName: required(
      string("Name at the provider, a DNS label.", {
        minLength: 1,
        maxLength: 63,
        pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
      }),
    ),
    providerRef: required(namespacedRef("ProviderConfig it is made with.")),
    role: required(choice("What the machine is for.", ["control-plane", "worker"])),
    cpu: required(integer("CPU cores.", { minimum: 1, maximum: 128 })),
    memoryMB: required(integer("Memory in MiB.", { minimum: 1024 })),
    diskGB: required(integer("Root disk in GiB.", { minimum: 10 })),
    extraDisks: list(
      "Further disks.",
      object("A further disk.", {
        sizeGB: required(integer("Size in GiB.", { minimum: 1 })),
        storageClass: string("Storage class at the provider."),
      }),
    ),
    image: string("Image the machine boots. Without it the provider's."),
    userData: string("cloud-init user data."),
    networkData: string("cloud-init network configuration."),
    labels: mapOf("Labels the machine gets at the provider.", string("Value of the label.")),
  }),
  status: object("The machine that is there.", {
    phase: choice("State of the machine.", [
      "Pending",
      "Creating",
      "Running",
      "Failed",
      "Deleting",
      "Deleted",
      "Unknown",
    ]),
    providerID: string("The provider's own id of the machine."),
    ipAddress: string("Address other machines reach it by."),
    ipAddresses: strings("All addresses."),
    macAddress: string("Hardware address of the first network card."),
    failureReason: string("One word for why it failed."),
    failureMessage: string("A sentence on why it failed."),
    lastUpdated: dateTime("When the status last changed."),
    conditions: conditions(),
    observedGeneration: observedGeneration(),
  }),
});

/** A MachineRequest object. */
export type MachineRequest = ResourceOf<typeof MACHINE_REQUEST>;
