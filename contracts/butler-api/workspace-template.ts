import { WORKSPACE_CONTENT } from "./parts/workspace-content.ts";
import { AGE, column, defineResource, type ResourceOf } from "./resource.ts";
import { choice, object, quantity, required, string } from "./schema-dsl.ts";

/** WorkspaceTemplate: a workspace to start from. */
export const WORKSPACE_TEMPLATE = defineResource({
  kind: "WorkspaceTemplate",
  plural: "workspacetemplates",
  shortNames: ["wst"],
  scope: "Namespaced",
  description: "A prepared workspace people start their own from.",
  columns: [
    column("Display Name", ".spec.displayName", "Name for people"),
    column("Image", ".spec.template.image", "Container image"),
    column("Category", ".spec.category", "Kind of work it is for"),
    column("Scope", ".spec.scope", "Who sees it"),
    AGE,
  ],
  spec: object("The template.", {
    displayName: required(string("Name shown to people.", { minLength: 1 })),
    description: string("What the template is for."),
    icon: string("An emoji or a few letters."),
    category: choice("Kind of work it is for.", ["backend", "frontend", "data", "devops", "custom"], {
      default: "custom",
    }),
    scope: choice("cluster: everybody sees it. team: the team of its namespace.", ["cluster", "team"], {
      default: "team",
    }),
    template: required(
      object("What a workspace made from it starts with.", {
        ...WORKSPACE_CONTENT,
        storageSize: quantity("Size of the home volume."),
      }),
    ),
  }),
});

/** A WorkspaceTemplate object. */
export type WorkspaceTemplate = ResourceOf<typeof WORKSPACE_TEMPLATE>;
