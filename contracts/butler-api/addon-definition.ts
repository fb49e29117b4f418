import { AGE, column, defineResource, type ResourceOf } from "./resource.ts";
import { boolean, choice, freeForm, object, required, string, strings } from "./schema-dsl.ts";

/** AddonDefinition: an entry of the addon catalogue. */
export const ADDON_DEFINITION = defineResource({
  kind: "AddonDefinition",
  plural: "addondefinitions",
  shortNames: ["ad", "adddef"],
  scope: "Cluster",
  description: "An entry of the addon catalogue: which chart, which versions, which settings.",
  columns: [
    column("Display Name", ".spec.displayName", "Name for people"),
    column("Category", ".spec.category", "Shelf of the catalogue"),
    column("Chart", ".spec.chart.name", "Helm chart"),
    column("Version", ".spec.chart.defaultVersion", "Version installed unless told"),
    column("Platform", ".spec.platform", "Whether the platform installs it by itself", { type: "boolean" }),
    AGE,
  ],
  spec: object("The entry.", {
    displayName: required(string("Name shown to people.", { minLength: 1, maxLength: 64 })),
    description: required(string("What the addon does, in a sentence or two.", { minLength: 1, maxLength: 512 })),
    category: required(
      choice("Shelf of the catalogue.", [
        "cni",
        "loadbalancer",
        "storage",
        "certmanager",
        "ingress",
        "observability",
        "backup",
        "gitops",
        "security",
        "dns",
        "database",
        "messaging",
        "service-mesh",
        "other",
      ]),
    ),
    chart: required(
      object("The Helm chart.", {
        repository: required(string("URL of the chart repository.", { pattern: "^https?://" })),
        name: required(string("Name of the chart.", { minLength: 1 })),
        defaultVersion: required(string("Version installed unless told.")),
        availableVersions: strings("Versions offered for choice."),
      }),
    ),
    defaults: object("Settings of an installation that states none.", {
      namespace: string("Namespace of the release. Without it the entry's name."),
      releaseName: string("Release name. Without it the entry's name."),
      createNamespace: boolean("Whether the namespace is made.", { default: true }),
      timeout: string("How long Helm waits, as a Go duration.", { default: "10m" }),
      values: freeForm("Helm values every installation starts from."),
    }),
    dependsOn: strings("Entries that must be installed first."),
    platform: boolean("Installed by the platform itself; people cannot install or remove it.", { default: false }),
    tier: choice("Where it appears in a Git export: infrastructure comes before apps.", ["infrastructure", "apps"]),
    icon: string("An emoji or a few letters.", { maxLength: 8 }),
    iconData: string("Icon as a data URL.", { maxLength: 131072 }),
    links: object("Where to read on.", {
      documentation: string("Documentation."),
      homepage: string("Home page."),
      source: string("Source code."),
    }),
    maintainer: object("Who looks after the entry.", { name: string("Name."), email: string("E-mail address.") }),
  }),
});

/** An AddonDefinition object. */
export type AddonDefinition = ResourceOf<typeof ADDON_DEFINITION>;
