import { integer, object, string } from "../schema-dsl.ts";

/** What Helm reports about an installed release. */
export function helmReleaseStatus() {
  return object("The Helm release behind the addon.", {
    name: string("Release name."),
    namespace: string("Namespace the release lives in."),
    revision: integer("Helm's revision counter.", { width: "none" }),
    status: string("Helm's own word for the state, such as deployed."),
    version: string("Chart version installed."),
  });
}
