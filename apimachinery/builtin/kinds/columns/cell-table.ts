import type { KubeObject } from "../../../meta/types.ts";
import * as core from "./core-cells.ts";
import * as other from "./other-cells.ts";
import { podCells } from "./pod-cells.ts";
import * as workload from "./workload-cells.ts";

/** Cells of one kind, in the order of its columns. */
export type Cells = (object: KubeObject, nowMs: number) => unknown[];

/** By key of the type table. */
export const CELLS: Readonly<Record<string, Cells>> = {
  "admissionregistration/v1.MutatingWebhookConfiguration": other.webhookConfigurationCells,
  "admissionregistration/v1.ValidatingAdmissionPolicy": other.admissionPolicyCells,
  "admissionregistration/v1.ValidatingAdmissionPolicyBinding": other.admissionBindingCells,
  "admissionregistration/v1.ValidatingWebhookConfiguration": other.webhookConfigurationCells,
  "apiextensions/v1.CustomResourceDefinition": other.definitionCells,
  "apiregistration/v1.APIService": other.apiServiceCells,
  "apps/v1.ControllerRevision": workload.controllerRevisionCells,
  "apps/v1.DaemonSet": workload.daemonSetCells,
  "apps/v1.Deployment": workload.deploymentCells,
  "apps/v1.ReplicaSet": workload.replicaSetCells,
  "apps/v1.StatefulSet": workload.statefulSetCells,
  "autoscaling/v2.HorizontalPodAutoscaler": other.autoscalerCells,
  "batch/v1.CronJob": workload.cronJobCells,
  "batch/v1.Job": workload.jobCells,
  "certificates/v1.CertificateSigningRequest": other.signingRequestCells,
  "coordination/v1.Lease": other.leaseCells,
  "core/v1.ConfigMap": core.configMapCells,
  "core/v1.Endpoints": core.endpointsCells,
  "core/v1.Event": core.eventCells,
  "core/v1.LimitRange": other.createdAtCells,
  "core/v1.Namespace": core.namespaceCells,
  "core/v1.Node": core.nodeCells,
  "core/v1.PersistentVolume": core.volumeCells,
  "core/v1.PersistentVolumeClaim": core.volumeClaimCells,
  "core/v1.Pod": podCells,
  "core/v1.PodTemplate": workload.podTemplateCells,
  "core/v1.ReplicationController": workload.replicationControllerCells,
  "core/v1.ResourceQuota": core.resourceQuotaCells,
  "core/v1.Secret": core.secretCells,
  "core/v1.Service": core.serviceCells,
  "core/v1.ServiceAccount": core.serviceAccountCells,
  "discovery/v1.EndpointSlice": other.endpointSliceCells,
  "events/v1.Event": core.eventCells,
  "networking/v1.IPAddress": other.ipAddressCells,
  "networking/v1.Ingress": other.ingressCells,
  "networking/v1.IngressClass": other.ingressClassCells,
  "networking/v1.NetworkPolicy": other.networkPolicyCells,
  "networking/v1.ServiceCIDR": other.serviceCidrCells,
  "node/v1.RuntimeClass": other.runtimeClassCells,
  "policy/v1.PodDisruptionBudget": workload.disruptionBudgetCells,
  "rbac/v1.ClusterRole": other.createdAtCells,
  "rbac/v1.ClusterRoleBinding": other.bindingCells,
  "rbac/v1.Role": other.createdAtCells,
  "rbac/v1.RoleBinding": other.bindingCells,
  "scheduling/v1.PriorityClass": other.priorityClassCells,
  "storage/v1.CSIDriver": other.csiDriverCells,
  "storage/v1.CSINode": other.csiNodeCells,
  "storage/v1.CSIStorageCapacity": other.csiStorageCapacityCells,
  "storage/v1.StorageClass": other.storageClassCells,
  "storage/v1.VolumeAttachment": other.volumeAttachmentCells,
};
