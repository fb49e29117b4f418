import { conditions, observedGeneration } from "./parts/conditions.ts";
import { helmReleaseStatus } from "./parts/helm-release-status.ts";
import { localRef } from "./parts/references.ts";
import { AGE, column, defineResource, type ResourceOf } from "./resource.ts";
import { boolean, choice, dateTime, freeForm, list, object, required, string } from "./schema-dsl.ts";

/** TenantAddon: an addon inside a tenant cluster. */
export const TENANT_ADDON = defineResource({
  kind: "TenantAddon",
  plural: "tenantaddons",
  shortNames: ["ta"],
  scope: "Namespaced",
  description: "An addon of a tenant cluster, from the catalogue or from a Helm chart of one's own.",
  columns: [
    column("Cluster", ".spec.clusterRef.name", "Cluster it is installed in"),
    column("Addon", ".spec.addon", "Entry of the catalogue"),
    column("Version", ".spec.version", "Version wanted"),
    column("Phase", ".status.phase", "State of the addon"),
    column("Installed", ".status.installedVersion", "Version that is there"),
    AGE,
  ],
  spec: object(
    "The addon that is wanted.",
    {
      clusterRef: required(localRef("TenantCluster in the same namespace.")),
      addon: string("Name of the AddonDefinition. Either this or helm is needed."),
      version: required(string("Version to install.")),
      values: freeForm("Helm values laid over the definition's defaults."),
      helm: object("A chart that is not in the catalogue.", {
        repository: required(string("URL of the chart repository.")),
        chart: required(string("Name of the chart.")),
        releaseName: string("Release name. Without it the object's name."),
        namespace: string("Namespace of the release. Without it the release name."),
        createNamespace: boolean("Whether the namespace is made.", { default: true }),
      }),
      dependsOn: list("TenantAddons that must be installed first.", localRef("A TenantAddon in the same namespace.")),
    },
    {
      rules: [
        {
          rule: "(has(self.addon) && self.addon != '') || has(self.helm)",
          message: "addon or helm must be set: without either there is nothing to install",
        },
      ],
    },
  ),
  status: object("The addon that is there.", {
    phase: choice("State of the addon.", [
      "Pending",
      "Installing",
      "Installed",
      "Upgrading",
      "Degraded",
      "Failed",
      "Deleting",
    ]),
    installedVersion: string("Version that is installed."),
    message: string("What is going on, for people."),
    helmRelease: helmReleaseStatus(),
    lastTransitionTime: dateTime("When the phase last changed."),
    conditions: conditions(),
    observedGeneration: observedGeneration(),
  }),
});

/** A TenantAddon object. */
export type TenantAddon = ResourceOf<typeof TENANT_ADDON>;
