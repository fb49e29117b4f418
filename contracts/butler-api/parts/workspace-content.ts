import { choice, list, object, required, string } from "../schema-dsl.ts";
import { localRef } from "./references.ts";

function repository(description: string) {
  return object(description, {
    url: required(string("Clone URL, over HTTPS or SSH.")),
    branch: string("Branch that is checked out.", { default: "main" }),
    name: string("Folder the clone goes to. Without it the last part of the URL."),
    secretRef: localRef("Secret with the credentials for a private repository."),
  });
}

/** What a workspace and a workspace template both say about the content of the environment. */
export const WORKSPACE_CONTENT = {
  image: required(string("Container image of the workspace.")),
  repository: repository("The single repository cloned at first start. Use repositories for more than one."),
  repositories: list("Repositories cloned at first start, in this order.", repository("A repository to clone.")),
  dotfiles: object("Personal settings fetched after the repositories.", {
    url: required(string("Clone URL of the dotfiles repository.")),
    installCommand: string("Command run inside the clone. Without it a well-known install script is looked for."),
  }),
  envFrom: object("A workload of the cluster whose environment variables the workspace takes over.", {
    name: required(string("Name of the workload.")),
    kind: choice("Kind of the workload.", ["Deployment", "StatefulSet"], { default: "Deployment" }),
    namespace: string("Namespace of the workload.", { default: "default" }),
    container: string("Container to read. Without it the first one."),
  }),
  resources: object("What the workspace container gets.", {
    cpu: string("CPU cores, as a quantity.", { default: "2" }),
    memory: string("Bytes of memory, as a quantity.", { default: "4Gi" }),
  }),
} as const;
