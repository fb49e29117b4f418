import { conditions, observedGeneration } from "./parts/conditions.ts";
import { fullRef, localRef } from "./parts/references.ts";
import { AGE, column, defineResource, type ResourceOf } from "./resource.ts";
import { choice, dateTime, integer, object, required, string, strings } from "./schema-dsl.ts";

const ADDRESS = "^(\\d{1,3}\\.){3}\\d{1,3}$";

/** IPAllocation: addresses a tenant cluster asked for and got. */
export const IP_ALLOCATION = defineResource({
  kind: "IPAllocation",
  plural: "ipallocations",
  shortNames: ["ipa"],
  scope: "Namespaced",
  description: "A run of addresses of a NetworkPool for the nodes or load balancers of one tenant cluster.",
  columns: [
    column("Pool", ".spec.poolRef.name", "Pool the addresses come from"),
    column("Cluster", ".spec.tenantClusterRef.name", "Cluster the addresses are for"),
    column("Type", ".spec.type", "What the addresses are for"),
    column("Phase", ".status.phase", "State of the request"),
    column("Start", ".status.startAddress", "First address"),
    column("End", ".status.endAddress", "Last address"),
    AGE,
  ],
  spec: object("The addresses that are wanted.", {
    poolRef: required(localRef("NetworkPool to take them from.")),
    tenantClusterRef: required(fullRef("Cluster they are for; the allocation is released when it is gone.")),
    type: required(choice("What they are for.", ["nodes", "loadbalancer"])),
    count: integer("How many. Without it the pool's default for the type.", { minimum: 1 }),
    pinnedRange: object(
      "Exactly these addresses, instead of the best free run.",
      {
        startAddress: required(string("First address.", { pattern: ADDRESS })),
        endAddress: required(string("Last address, included.", { pattern: ADDRESS })),
      },
      {
        rules: [
          {
            rule: "isIP(self.startAddress) && isIP(self.endAddress)",
            message: "startAddress and endAddress must be IPv4 addresses, every part between 0 and 255",
          },
        ],
      },
    ),
  }),
  status: object("The addresses that were given.", {
    phase: choice("State of the request.", ["Pending", "Allocated", "Released", "Failed"]),
    startAddress: string("First address given."),
    endAddress: string("Last address given."),
    addresses: strings("Every address given."),
    allocatedCount: integer("How many were given."),
    cidr: string("The run as a CIDR where it is one, otherwise as first-last."),
    allocatedAt: dateTime("When they were given."),
    allocatedBy: string("Which component gave them."),
    releasedAt: dateTime("When they were given back."),
    conditions: conditions(),
    observedGeneration: observedGeneration(),
  }),
});

/** An IPAllocation object. */
export type IPAllocation = ResourceOf<typeof IP_ALLOCATION>;
