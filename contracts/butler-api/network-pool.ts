import { conditions, observedGeneration } from "./parts/conditions.ts";
import { addressRange, fullRef, localRef } from "./parts/references.ts";
import { AGE, column, defineResource, type ResourceOf } from "./resource.ts";
import { integer, list, object, required, string } from "./schema-dsl.ts";

const CIDR = "^(\\d{1,3}\\.){3}\\d{1,3}/\\d{1,2}$";

/** NetworkPool: the addresses tenants get theirs from. */
export const NETWORK_POOL = defineResource({
  kind: "NetworkPool",
  plural: "networkpools",
  shortNames: ["np"],
  scope: "Namespaced",
  description: "A block of IPv4 addresses of the site, from which nodes and load balancers of tenants get theirs.",
  columns: [
    column("CIDR", ".spec.cidr", "Addresses of the pool"),
    column("Available", ".status.availableIPs", "Addresses still free", { type: "integer" }),
    column("Allocated", ".status.allocatedIPs", "Addresses handed out", { type: "integer" }),
    column("Total", ".status.totalIPs", "Addresses that can be handed out at all", { type: "integer" }),
    AGE,
  ],
  spec: object("The addresses and how they are handed out.", {
    cidr: required(
      string("The whole block, such as 10.40.0.0/22. It may grow later but not shrink.", { pattern: CIDR }),
    ),
    reserved: list(
      "Parts of the block that are never handed out.",
      object("A part that is never handed out.", {
        cidr: required(string("The part, inside of the pool's block.", { pattern: CIDR })),
        description: string("What the addresses are kept for."),
      }),
    ),
    tenantAllocation: object(
      "Which addresses tenants get, and how many. Without it the whole block but for reserved parts.",
      {
        ranges: list(
          "Ranges that are handed out, ascending and without overlap.",
          addressRange("A range that is handed out."),
          {
            maxItems: 16,
          },
        ),
        start: string("First address that is handed out. Superseded by ranges and ignored beside them."),
        end: string("Last address that is handed out. Superseded by ranges and ignored beside them."),
        defaults: object("How many addresses a tenant gets that states no number.", {
          nodesPerTenant: integer("Addresses for nodes.", { default: 5, minimum: 1 }),
          lbPoolPerTenant: integer("Addresses for load balancers.", { default: 8, minimum: 1 }),
        }),
      },
    ),
  }),
  status: object("How full the pool is.", {
    totalIPs: integer("Addresses that can be handed out: ranges without reserved parts."),
    allocatedIPs: integer("Addresses handed out."),
    availableIPs: integer("Addresses still free."),
    allocationCount: integer("IPAllocations served from the pool."),
    largestFreeBlock: integer("Length of the longest run of free addresses."),
    fragmentationPercent: integer("How scattered the free addresses are: 0 is one run, 100 single addresses.", {
      minimum: 0,
      maximum: 100,
    }),
    poolSizeIPs: integer("Addresses of the whole block."),
    reservedIPs: integer("Addresses in reserved parts."),
    infrastructureConsumedIPs: integer("Addresses the management cluster itself uses inside the block."),
    infrastructureAllocations: list(
      "Addresses the management cluster itself uses inside the block.",
      object("An address in use by the management cluster.", {
        ip: required(string("The address.", { pattern: "^(\\d{1,3}\\.){3}\\d{1,3}$" })),
        source: required(string("What kind of thing uses it.")),
        machineRef: fullRef("Machine that uses the address."),
        nodeRef: localRef("Node that uses the address."),
        serviceRef: fullRef("Service that uses the address."),
      }),
      { mapKeys: ["ip"] },
    ),
    unmanagedScopeIPs: integer("Addresses of the block that are neither in a range nor reserved."),
    unmanagedRanges: list(
      "Runs of addresses that are neither in a range nor reserved.",
      addressRange("A run of addresses nobody manages."),
    ),
    conditions: conditions(),
    observedGeneration: observedGeneration(),
  }),
});

/** A NetworkPool object. */
export type NetworkPool = ResourceOf<typeof NETWORK_POOL>;
