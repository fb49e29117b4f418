import { conditions, observedGeneration } from "./parts/conditions.ts";
import { localRef } from "./parts/references.ts";
import { WORKSPACE_CONTENT } from "./parts/workspace-content.ts";
import { AGE, column, defineResource, type ResourceOf } from "./resource.ts";
import { boolean, choice, dateTime, object, quantity, required, string, strings } from "./schema-dsl.ts";

/** Workspace: a development environment inside a tenant cluster. */
export const WORKSPACE = defineResource({
  kind: "Workspace",
  plural: "workspaces",
  shortNames: ["ws"],
  scope: "Namespaced",
  description: "A person's development environment in a tenant cluster, reached by SSH.",
  columns: [
    column("Phase", ".status.phase", "State of the workspace"),
    column("Cluster", ".spec.clusterRef.name", "Cluster it runs in"),
    column("Owner", ".spec.owner", "Person it belongs to"),
    column("Image", ".spec.image", "Container image"),
    column("Connected", ".status.connected", "Whether SSH is open", { type: "boolean" }),
    AGE,
  ],
  spec: object("The workspace that is wanted.", {
    clusterRef: required(localRef("TenantCluster in the same namespace.")),
    owner: required(string("E-mail address of the person it belongs to.", { minLength: 1 })),
    ...WORKSPACE_CONTENT,
    storageSize: quantity("Size of the home volume.", { default: "10Gi" }),
    sshPublicKeys: strings("Public keys that may log in, beside those of the owner's account."),
    editorConfig: object("Settings of the editor.", {
      neovimConfigRepo: string("Repository with a Neovim configuration."),
      neovimConfigArchive: string("A Neovim configuration as base64 of a tar.gz."),
      neovimInitLua: string("Text of init.lua."),
    }),
    idleTimeout: string("Disconnects after this long without a session, as a Go duration.", { default: "4h" }),
    autoStopAfter: string("Stops after this long, as a Go duration.", { default: "8h" }),
  }),
  status: object("The workspace that is there.", {
    phase: choice("State of the workspace.", ["Pending", "Creating", "Running", "Starting", "Stopped", "Failed"]),
    podName: string("Pod it runs in."),
    pvcName: string("Claim of the home volume."),
    serviceName: string("Service SSH goes through."),
    sshEndpoint: string("Address of SSH, host and port."),
    connected: boolean("Whether SSH is open."),
    lastActivityTime: dateTime("When somebody last worked in it."),
    lastDisconnectTime: dateTime("When SSH was last closed."),
    conditions: conditions(),
    observedGeneration: observedGeneration(),
  }),
});

/** A Workspace object. */
export type Workspace = ResourceOf<typeof WORKSPACE>;
