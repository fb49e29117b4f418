import { conditions, observedGeneration } from "./parts/conditions.ts";
import { namespacedRef } from "./parts/references.ts";
import { AGE, column, defineResource, type ResourceOf } from "./resource.ts";
import { choice, dateTime, integer, list, object, required, string } from "./schema-dsl.ts";

/** LoadBalancerRequest: a cloud load balancer of a cluster that is being bootstrapped. */
export const LOAD_BALANCER_REQUEST = defineResource({
  kind: "LoadBalancerRequest",
  plural: "loadbalancerrequests",
  shortNames: ["lbr"],
  scope: "Namespaced",
  description: "A load balancer a cloud is asked for while a management cluster is bootstrapped.",
  columns: [
    column("Cluster", ".spec.clusterName", "Cluster it is for"),
    column("Phase", ".status.phase", "State of the load balancer"),
    column("Endpoint", ".status.endpoint", "Address of the load balancer"),
    column("Targets", ".status.registeredTargets", "Machines behind it", { type: "integer" }),
    AGE,
  ],
  spec: object(
    "The load balancer that is wanted.",
    {
      clusterName: required(
        string("Cluster it is for. Cannot be changed.", {
          minLength: 1,
          maxLength: 63,
          pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
        }),
      ),
      providerConfigRef: required(namespacedRef("ProviderConfig it is made with. Cannot be changed.")),
      port: integer("Port it listens on.", { default: 6443, minimum: 1, maximum: 65535 }),
      healthCheckPort: integer("Port targets are probed on. Without it the port itself.", {
        minimum: 1,
        maximum: 65535,
      }),
      targets: list(
        "Machines connections go to.",
        object("A machine connections go to.", {
          instanceID: string("The cloud's id of the machine."),
          instanceName: string("Name of the machine."),
          ip: string("Address of the machine."),
        }),
      ),
    },
    {
      rules: [
        { rule: "self.clusterName == oldSelf.clusterName", message: "clusterName is immutable" },
        { rule: "self.providerConfigRef == oldSelf.providerConfigRef", message: "providerConfigRef is immutable" },
      ],
    },
  ),
  status: object("The load balancer that is there.", {
    phase: choice("State of the load balancer.", ["Pending", "Creating", "Ready", "Failed", "Deleting"]),
    endpoint: string("Address clients use."),
    resourceID: string("The cloud's id of the load balancer."),
    registeredTargets: integer("Machines behind it."),
    failureReason: string("One word for why it failed."),
    failureMessage: string("A sentence on why it failed."),
    lastUpdated: dateTime("When the status last changed."),
    conditions: conditions(),
    observedGeneration: observedGeneration(),
  }),
});

/** A LoadBalancerRequest object. */
export type LoadBalancerRequest = ResourceOf<typeof LOAD_BALANCER_REQUEST>;
