import { atomicConditions, observedGeneration } from "./parts/conditions.ts";
import { helmReleaseStatus } from "./parts/helm-release-status.ts";
import { AGE, column, defineResource, type ResourceOf } from "./resource.ts";
import { boolean, choice, freeForm, object, required, string } from "./schema-dsl.ts";

/** ManagementAddon: an addon of the management cluster. */
export const MANAGEMENT_ADDON = defineResource({
  kind: "ManagementAddon",
  plural: "managementaddons",
  shortNames: ["ma", "maddon"],
  scope: "Cluster",
  description: "An addon of the management cluster itself.",
  columns: [
    column("Addon", ".spec.addon", "Entry of the catalogue"),
    column("Version", ".spec.version", "Version wanted"),
    column("Phase", ".status.phase", "State of the addon"),
    column("Installed", ".status.installedVersion", "Version that is there"),
    AGE,
  ],
  spec: object("The addon that is wanted.", {
    addon: required(string("Name of the AddonDefinition.", { minLength: 1 })),
    version: string("Version to install. Without it the definition's default."),
    values: freeForm("Helm values laid over the definition's defaults."),
    paused: boolean("Leaves the addon as it is until unset."),
  }),
  status: object("The addon that is there.", {
    phase: choice("State of the addon.", ["Pending", "Installing", "Installed", "Upgrading", "Failed", "Uninstalling"]),
    installedVersion: string("Version that is installed."),
    lastAttemptedVersion: string("Version of the last try."),
    message: string("What is going on, for people."),
    helmRelease: helmReleaseStatus(),
    conditions: atomicConditions(),
    observedGeneration: observedGeneration(),
  }),
});

/** A ManagementAddon object. */
export type ManagementAddon = ResourceOf<typeof MANAGEMENT_ADDON>;
