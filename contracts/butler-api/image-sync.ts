import { conditions, observedGeneration } from "./parts/conditions.ts";
import { namespacedRef } from "./parts/references.ts";
import { AGE, column, defineResource, type ResourceOf } from "./resource.ts";
import { choice, dateTime, object, required, string } from "./schema-dsl.ts";

/** ImageSync: a node image on its way to a provider. */
export const IMAGE_SYNC = defineResource({
  kind: "ImageSync",
  plural: "imagesyncs",
  shortNames: ["is"],
  scope: "Namespaced",
  description: "A Talos image that is built by the Image Factory and copied to a provider.",
  columns: [
    column("Phase", ".status.phase", "How far it has come"),
    column("Schematic", ".spec.factoryRef.schematicID", "Schematic of the image", { priority: 1 }),
    column("Version", ".spec.factoryRef.version", "Talos version"),
    column("Provider", ".spec.providerConfigRef.name", "Provider it is copied to"),
    column("Image Ref", ".status.providerImageRef", "Image at the provider"),
    AGE,
  ],
  spec: object("The image that is wanted.", {
    factoryRef: required(
      object("The image at the factory.", {
        schematicID: required(string("Schematic it is built from.", { minLength: 8 })),
        version: required(string("Talos version.")),
        arch: choice("Processor.", ["amd64", "arm64"], { default: "amd64" }),
        platform: string("Platform it is built for.", { default: "nocloud" }),
      }),
    ),
    providerConfigRef: required(namespacedRef("ProviderConfig of the provider it goes to.")),
    displayName: string("Name of the image at the provider."),
    format: string("Format of the image file.", { default: "qcow2" }),
    transferMode: choice(
      "direct: the provider downloads it. proxy: the controller does and passes it on.",
      ["direct", "proxy"],
      { default: "direct" },
    ),
  }),
  status: object("How far the image has come.", {
    phase: choice("Step that is being worked on.", [
      "Pending",
      "Building",
      "Downloading",
      "Uploading",
      "Ready",
      "Failed",
    ]),
    artifactURL: string("Where the factory offers the image."),
    artifactSHA256: string("Checksum of the image."),
    providerImageRef: string("The provider's name or id of the image."),
    providerTaskID: string("The provider's task that copies it."),
    failureReason: string("One word for why it failed."),
    failureMessage: string("A sentence on why it failed."),
    lastUpdated: dateTime("When the status last changed."),
    conditions: conditions(),
    observedGeneration: observedGeneration(),
  }),
});

/** An ImageSync object. */
export type ImageSync = ResourceOf<typeof IMAGE_SYNC>;
