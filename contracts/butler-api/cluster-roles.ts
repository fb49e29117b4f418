// What the roles view, edit and admin of a namespace mean for Butler's kinds: ClusterRoles that Kubernetes adds to its own.

import { GROUP, LABELS, MANAGED_BY } from "./names.ts";

const READ = ["get", "list", "watch"];
const WRITE = ["create", "update", "patch", "delete"];
/** What members of a team make. */
const OWN = ["tenantclusters", "tenantaddons", "workspaces"];
/** What they look at: made by Butler and by platform admins. */
const SEEN = ["ipallocations", "imagesyncs", "networkpools", "providerconfigs"];

function aggregated(to: "view" | "edit", rules: readonly unknown[]) {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: {
      name: `butler-aggregate-to-${to}`,
      labels: { [LABELS.managedBy]: MANAGED_BY, [`rbac.authorization.k8s.io/aggregate-to-${to}`]: "true" },
    },
    rules,
  };
}

/** ClusterRoles joined into `view` and `edit`, and by them into `admin`. */
export const AGGREGATED_CLUSTER_ROLES = [
  aggregated("view", [{ apiGroups: [GROUP], resources: [...OWN, ...SEEN], verbs: READ }]),
  aggregated("edit", [{ apiGroups: [GROUP], resources: OWN, verbs: [...READ, ...WRITE] }]),
] as const;
