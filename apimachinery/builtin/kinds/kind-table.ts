import { pathSegment } from "../../schema/name-rules.ts";
import { emptyObject } from "../empty-object.ts";
import { controllerRevisionBehaviour } from "./apps/controller-revision.ts";
import { daemonSetBehaviour } from "./apps/daemon-set.ts";
import { deploymentBehaviour } from "./apps/deployment.ts";
import { replicaSetBehaviour, replicationControllerBehaviour } from "./apps/replica-sets.ts";
import { statefulSetBehaviour } from "./apps/stateful-set.ts";
import { cronJobBehaviour } from "./batch/cron-job.ts";
import { jobBehaviour } from "./batch/job.ts";
import { CELLS } from "./columns/cell-table.ts";
import { COLUMNS } from "./columns/column-table.ts";
import { child, flag } from "./fields.ts";
import type { KindBehaviour } from "./kind-behaviour.ts";
import { podBehaviour, podTemplateBehaviour } from "./pods/pod-behaviour.ts";
import { configMapBehaviour } from "./v1/config-map.ts";
import { eventBehaviour } from "./v1/event.ts";
import { namespaceBehaviour } from "./v1/namespace.ts";
import { secretBehaviour } from "./v1/secret.ts";
import { serviceBehaviour } from "./v1/service.ts";

/** Names of RBAC objects may have a colon: they only need to be one segment of a path. */
const RBAC: KindBehaviour = { nameProblems: pathSegment };
const COUNTS_CHANGES: KindBehaviour = { generation: true };

/** By key of the type table; what is not here has columns and behaves as any object. */
const KINDS: Readonly<Record<string, KindBehaviour>> = {
  "admissionregistration/v1.MutatingWebhookConfiguration": COUNTS_CHANGES,
  "admissionregistration/v1.ValidatingAdmissionPolicy": COUNTS_CHANGES,
  "admissionregistration/v1.ValidatingAdmissionPolicyBinding": COUNTS_CHANGES,
  "admissionregistration/v1.ValidatingWebhookConfiguration": COUNTS_CHANGES,
  "apps/v1.ControllerRevision": controllerRevisionBehaviour,
  "apps/v1.DaemonSet": daemonSetBehaviour,
  "apps/v1.Deployment": deploymentBehaviour,
  "apps/v1.ReplicaSet": replicaSetBehaviour,
  "apps/v1.StatefulSet": statefulSetBehaviour,
  "batch/v1.CronJob": cronJobBehaviour,
  "batch/v1.Job": jobBehaviour,
  "coordination/v1.Lease": { unconditionalUpdate: false, createOnUpdate: true },
  "core/v1.ConfigMap": configMapBehaviour,
  "core/v1.Endpoints": { createOnUpdate: true },
  "core/v1.Event": eventBehaviour,
  "core/v1.Namespace": namespaceBehaviour,
  "core/v1.Node": {
    selectableFieldNames: ["spec.unschedulable"],
    selectableFields: (node) => ({ "spec.unschedulable": String(flag(child(node, "spec"), "unschedulable")) }),
  },
  "core/v1.Pod": podBehaviour,
  "core/v1.PodTemplate": podTemplateBehaviour,
  "core/v1.ReplicationController": replicationControllerBehaviour,
  "core/v1.Secret": secretBehaviour,
  "core/v1.Service": serviceBehaviour,
  "core/v1.ServiceAccount": { deleteReturnsObject: true },
  "discovery/v1.EndpointSlice": COUNTS_CHANGES,
  "networking/v1.Ingress": COUNTS_CHANGES,
  "networking/v1.NetworkPolicy": COUNTS_CHANGES,
  "policy/v1.PodDisruptionBudget": COUNTS_CHANGES,
  "rbac/v1.ClusterRole": RBAC,
  "rbac/v1.ClusterRoleBinding": RBAC,
  "rbac/v1.Role": RBAC,
  "rbac/v1.RoleBinding": RBAC,
};

const made = new Map<string, KindBehaviour>();

/** @param typeKey - as in the type table: `apps/v1.Deployment` */
export function kindBehaviour(typeKey: string): KindBehaviour {
  let behaviour = made.get(typeKey);
  if (behaviour === undefined) {
    const [columns, cells] = [COLUMNS[typeKey], CELLS[typeKey]];
    behaviour = {
      empty: emptyObject(typeKey, apiVersionOfKey(typeKey), typeKey.slice(typeKey.lastIndexOf(".") + 1)),
      ...(columns === undefined || cells === undefined ? {} : { columns, cells }),
      ...KINDS[typeKey],
    };
    made.set(typeKey, behaviour);
  }
  return behaviour;
}

const DOMAINS: Readonly<Record<string, string>> = {
  rbac: "rbac.authorization.k8s.io",
  coordination: "coordination.k8s.io",
  admissionregistration: "admissionregistration.k8s.io",
  authentication: "authentication.k8s.io",
  authorization: "authorization.k8s.io",
  networking: "networking.k8s.io",
  events: "events.k8s.io",
  discovery: "discovery.k8s.io",
  storage: "storage.k8s.io",
  scheduling: "scheduling.k8s.io",
  certificates: "certificates.k8s.io",
  node: "node.k8s.io",
  apiextensions: "apiextensions.k8s.io",
  apiregistration: "apiregistration.k8s.io",
};

function apiVersionOfKey(typeKey: string): string {
  const [group = "", version = ""] = typeKey.slice(0, typeKey.lastIndexOf(".")).split("/");
  return group === "core" ? version : `${DOMAINS[group] ?? group}/${version}`;
}
