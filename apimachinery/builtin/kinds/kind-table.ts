import { type FieldError, invalid } from "../../meta/field-error.ts";
import type { KubeObject } from "../../meta/types.ts";
import { emptyObject, emptyStruct } from "../empty-object.ts";
import { fieldsOf } from "../type-table.ts";
import { admissionPolicyBehaviour, admissionPolicyBindingBehaviour } from "./admission/admission-policies.ts";
import { mutatingWebhooksBehaviour, validatingWebhooksBehaviour } from "./admission/webhook-configurations.ts";
import { controllerRevisionBehaviour } from "./apps/controller-revision.ts";
import { daemonSetBehaviour } from "./apps/daemon-set.ts";
import { deploymentBehaviour } from "./apps/deployment.ts";
import { replicaSetBehaviour, replicationControllerBehaviour } from "./apps/replica-sets.ts";
import { statefulSetBehaviour } from "./apps/stateful-set.ts";
import { autoscalerBehaviour } from "./autoscaling/autoscaler.ts";
import { oldAutoscalerBehaviour } from "./autoscaling/old-autoscaler.ts";
import { cronJobBehaviour } from "./batch/cron-job.ts";
import { jobBehaviour } from "./batch/job.ts";
import { signingRequestBehaviour } from "./certificates/signing-request.ts";
import { CELLS } from "./columns/cell-table.ts";
import { COLUMNS } from "./columns/column-table.ts";
import { leaseBehaviour } from "./coordination/lease.ts";
import type { KindBehaviour } from "./kind-behaviour.ts";
import { endpointSliceBehaviour } from "./networking/endpoint-slice.ts";
import { ingressBehaviour, ingressClassBehaviour } from "./networking/ingress.ts";
import { networkPolicyBehaviour } from "./networking/network-policy.ts";
import { runtimeClassBehaviour } from "./node/runtime-class.ts";
import { podBehaviour, podTemplateBehaviour } from "./pods/pod-behaviour.ts";
import { disruptionBudgetBehaviour } from "./policy/disruption-budget.ts";
import {
  clusterRoleBehaviour,
  clusterRoleBindingBehaviour,
  roleBehaviour,
  roleBindingBehaviour,
} from "./rbac/roles.ts";
import { priorityClassBehaviour } from "./scheduling/priority-class.ts";
import {
  csiDriverBehaviour,
  csiNodeBehaviour,
  csiStorageCapacityBehaviour,
  volumeAttachmentBehaviour,
} from "./storage/csi.ts";
import { storageClassBehaviour } from "./storage/storage-class.ts";
import { configMapBehaviour } from "./v1/config-map.ts";
import { endpointsBehaviour } from "./v1/endpoints.ts";
import { eventBehaviour } from "./v1/event.ts";
import { namespaceBehaviour } from "./v1/namespace.ts";
import { newEventBehaviour } from "./v1/new-event.ts";
import { nodeBehaviour } from "./v1/node.ts";
import { limitRangeBehaviour, resourceQuotaBehaviour } from "./v1/resource-limits.ts";
import { secretBehaviour } from "./v1/secret.ts";
import { serviceBehaviour } from "./v1/service.ts";
import { volumeBehaviour } from "./v1/volume.ts";
import { volumeClaimBehaviour } from "./v1/volume-claim.ts";

/** By key of the type table; what is not here has columns and behaves as any object. */
const KINDS: Readonly<Record<string, KindBehaviour>> = {
  "admissionregistration/v1.MutatingWebhookConfiguration": mutatingWebhooksBehaviour,
  "admissionregistration/v1.ValidatingAdmissionPolicy": admissionPolicyBehaviour,
  "admissionregistration/v1.ValidatingAdmissionPolicyBinding": admissionPolicyBindingBehaviour,
  "admissionregistration/v1.ValidatingWebhookConfiguration": validatingWebhooksBehaviour,
  "apiregistration/v1.APIService": { unconditionalUpdate: false },
  "apps/v1.ControllerRevision": controllerRevisionBehaviour,
  "apps/v1.DaemonSet": daemonSetBehaviour,
  "apps/v1.Deployment": deploymentBehaviour,
  "apps/v1.ReplicaSet": replicaSetBehaviour,
  "apps/v1.StatefulSet": statefulSetBehaviour,
  "autoscaling/v1.HorizontalPodAutoscaler": oldAutoscalerBehaviour,
  "autoscaling/v2.HorizontalPodAutoscaler": autoscalerBehaviour,
  "batch/v1.CronJob": cronJobBehaviour,
  "batch/v1.Job": jobBehaviour,
  "certificates/v1.CertificateSigningRequest": signingRequestBehaviour,
  "coordination/v1.Lease": leaseBehaviour,
  "core/v1.ConfigMap": configMapBehaviour,
  "core/v1.Endpoints": endpointsBehaviour,
  "core/v1.Event": eventBehaviour,
  "core/v1.LimitRange": limitRangeBehaviour,
  "core/v1.Namespace": namespaceBehaviour,
  "core/v1.Node": nodeBehaviour,
  "core/v1.PersistentVolume": volumeBehaviour,
  "core/v1.PersistentVolumeClaim": volumeClaimBehaviour,
  "core/v1.Pod": podBehaviour,
  "core/v1.PodTemplate": podTemplateBehaviour,
  "core/v1.ReplicationController": replicationControllerBehaviour,
  "core/v1.ResourceQuota": resourceQuotaBehaviour,
  "core/v1.Secret": secretBehaviour,
  "core/v1.Service": serviceBehaviour,
  "core/v1.ServiceAccount": { deleteReturnsObject: true },
  "discovery/v1.EndpointSlice": endpointSliceBehaviour,
  "events/v1.Event": newEventBehaviour,
  "networking/v1.IPAddress": { generation: true },
  "networking/v1.Ingress": ingressBehaviour,
  "networking/v1.IngressClass": ingressClassBehaviour,
  "networking/v1.NetworkPolicy": networkPolicyBehaviour,
  "networking/v1.ServiceCIDR": { generation: true },
  "node/v1.RuntimeClass": runtimeClassBehaviour,
  "policy/v1.PodDisruptionBudget": disruptionBudgetBehaviour,
  "rbac/v1.ClusterRole": clusterRoleBehaviour,
  "rbac/v1.ClusterRoleBinding": clusterRoleBindingBehaviour,
  "rbac/v1.Role": roleBehaviour,
  "rbac/v1.RoleBinding": roleBindingBehaviour,
  "scheduling/v1.PriorityClass": priorityClassBehaviour,
  "storage/v1.CSIDriver": csiDriverBehaviour,
  "storage/v1.CSINode": csiNodeBehaviour,
  "storage/v1.CSIStorageCapacity": csiStorageCapacityBehaviour,
  "storage/v1.StorageClass": storageClassBehaviour,
  "storage/v1.VolumeAttachment": volumeAttachmentBehaviour,
};

const made = new Map<string, KindBehaviour>();

/**
 * How a built-in kind behaves: its own rules, and what all kinds have in common.
 *
 * @param typeKey - as in the type table: `apps/v1.Deployment`
 * @throws TypeError for an unknown key
 */
export function kindBehaviour(typeKey: string): KindBehaviour {
  let behaviour = made.get(typeKey);
  if (behaviour === undefined) {
    behaviour = complete(typeKey, KINDS[typeKey] ?? {});
    made.set(typeKey, behaviour);
  }
  return behaviour;
}

function complete(typeKey: string, own: KindBehaviour): KindBehaviour {
  const [columns, cells] = [COLUMNS[typeKey], own.cells ?? CELLS[typeKey]];
  return {
    empty: emptyObject(typeKey, apiVersionOfKey(typeKey), typeKey.slice(typeKey.lastIndexOf(".") + 1)),
    ...own,
    ...(columns === undefined || cells === undefined ? {} : { columns, cells }),
    ...prepareStatus(typeKey, own),
    ...checkFinalizers(typeKey, own),
  };
}

/** A new object begins with an empty status, unless its kind takes the one that is sent or makes one. */
function prepareStatus(typeKey: string, own: KindBehaviour): Pick<KindBehaviour, "prepareForCreate"> {
  const status = fieldsOf(typeKey)?.find((field) => field.name === "status");
  if (status === undefined) return {};
  return {
    prepareForCreate(object, now) {
      if (own.keepsStatusOnCreate !== true || object["status"] === undefined)
        object["status"] = emptyStruct(status.type);
      own.prepareForCreate?.(object, now);
    },
  };
}

const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

/** Kinds of the main server want finalizers to say whose they are; those of the extension servers do not. */
function checkFinalizers(typeKey: string, own: KindBehaviour): Pick<KindBehaviour, "validate" | "validateUpdate"> {
  if (typeKey.startsWith("apiextensions/") || typeKey.startsWith("apiregistration/")) return {};
  const { validate = () => [] } = own;
  const validateUpdate = own.validateUpdate ?? validate;
  return {
    validate: (object) => [...finalizerProblems(object), ...validate(object)],
    validateUpdate: (next, old) => [...finalizerProblems(next), ...validateUpdate(next, old)],
  };
}

function finalizerProblems(object: KubeObject): FieldError[] {
  const finalizers = object.metadata.finalizers ?? [];
  const detail = "name is neither a standard finalizer name nor is it fully qualified";
  const errors: FieldError[] = [];
  for (const [i, name] of finalizers.entries()) {
    if (name.includes("/") || STANDARD_FINALIZERS.has(name)) continue;
    errors.push(invalid(`metadata.finalizers[${i}]`, name, detail));
  }
  return errors;
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
