// Which built-in kinds are served, under which names. Facts of the discovery documents of Kubernetes 1.34.
import { TABLE_RELEASE } from "@holdfast/apimachinery/builtin/type-table";

/** The release whose manners the server has: `v1.34.4`. */
export const KUBERNETES_VERSION = TABLE_RELEASE.replace(/^v0\./, "v1.");

/** Verbs of a subresource or of a resource that is no storage. */
export interface SubresourceRow {
  readonly name: string;
  readonly verbs: readonly string[];
  /** Kind where it is not that of the resource. */
  readonly kind?: string;
  readonly group?: string;
  readonly version?: string;
}

export interface BuiltinRow {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Key in the type table. */
  readonly typeKey: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** `create` only: nothing is stored. */
  readonly virtual: boolean;
  readonly subresources: readonly SubresourceRow[];
  readonly storageVersion: string;
}

const STATUS: SubresourceRow = { name: "status", verbs: ["get", "patch", "update"] };
const SCALE: SubresourceRow = {
  name: "scale",
  verbs: ["get", "patch", "update"],
  group: "autoscaling",
  version: "v1",
  kind: "Scale",
};
const PROXY_VERBS = ["create", "delete", "get", "patch", "update"];

interface Extra {
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly sub?: readonly SubresourceRow[];
  readonly cluster?: true;
  readonly virtual?: true;
  readonly storageVersion?: string;
}

/** Folder of the type table for each group. */
const PACKAGES: Readonly<Record<string, string>> = {
  "": "core",
  "rbac.authorization.k8s.io": "rbac",
  "coordination.k8s.io": "coordination",
  "admissionregistration.k8s.io": "admissionregistration",
  "authentication.k8s.io": "authentication",
  "authorization.k8s.io": "authorization",
  "networking.k8s.io": "networking",
  "events.k8s.io": "events",
  "discovery.k8s.io": "discovery",
  "storage.k8s.io": "storage",
  "scheduling.k8s.io": "scheduling",
  "certificates.k8s.io": "certificates",
  "node.k8s.io": "node",
  "apiextensions.k8s.io": "apiextensions",
  "apiregistration.k8s.io": "apiregistration",
};

function row(groupVersion: string, plural: string, kind: string, extra: Extra = {}): BuiltinRow {
  const [group, version] = groupVersion.includes("/")
    ? (groupVersion.split("/") as [string, string])
    : ["", groupVersion];
  return {
    group,
    version,
    plural,
    kind,
    namespaced: extra.cluster !== true,
    typeKey: `${PACKAGES[group] ?? group}/${version}.${kind}`,
    shortNames: extra.short ?? [],
    categories: extra.categories ?? [],
    virtual: extra.virtual === true,
    subresources: extra.sub ?? [],
    storageVersion: extra.storageVersion ?? version,
  };
}

const ALL = ["all"];
const EXTENSIONS = ["api-extensions"];

/** In the order of the groups' priority, within a group by name: the order discovery shows. */
export const BUILTIN_ROWS: readonly BuiltinRow[] = [
  row("v1", "bindings", "Binding", { virtual: true }),
  row("v1", "configmaps", "ConfigMap", { short: ["cm"] }),
  row("v1", "endpoints", "Endpoints", { short: ["ep"] }),
  row("v1", "events", "Event", { short: ["ev"] }),
  row("v1", "limitranges", "LimitRange", { short: ["limits"] }),
  row("v1", "namespaces", "Namespace", {
    short: ["ns"],
    cluster: true,
    sub: [{ name: "finalize", verbs: ["update"] }, STATUS],
  }),
  row("v1", "nodes", "Node", {
    short: ["no"],
    cluster: true,
    sub: [{ name: "proxy", verbs: PROXY_VERBS, kind: "NodeProxyOptions" }, STATUS],
  }),
  row("v1", "persistentvolumeclaims", "PersistentVolumeClaim", { short: ["pvc"], sub: [STATUS] }),
  row("v1", "persistentvolumes", "PersistentVolume", { short: ["pv"], cluster: true, sub: [STATUS] }),
  row("v1", "pods", "Pod", {
    short: ["po"],
    categories: ALL,
    sub: [
      { name: "attach", verbs: ["create", "get"], kind: "PodAttachOptions" },
      { name: "binding", verbs: ["create"], kind: "Binding" },
      { name: "ephemeralcontainers", verbs: ["get", "patch", "update"] },
      { name: "eviction", verbs: ["create"], group: "policy", version: "v1", kind: "Eviction" },
      { name: "exec", verbs: ["create", "get"], kind: "PodExecOptions" },
      { name: "log", verbs: ["get"] },
      { name: "portforward", verbs: ["create", "get"], kind: "PodPortForwardOptions" },
      { name: "proxy", verbs: PROXY_VERBS, kind: "PodProxyOptions" },
      { name: "resize", verbs: ["get", "patch", "update"] },
      STATUS,
    ],
  }),
  row("v1", "podtemplates", "PodTemplate"),
  row("v1", "replicationcontrollers", "ReplicationController", {
    short: ["rc"],
    categories: ALL,
    sub: [SCALE, STATUS],
  }),
  row("v1", "resourcequotas", "ResourceQuota", { short: ["quota"], sub: [STATUS] }),
  row("v1", "secrets", "Secret"),
  row("v1", "serviceaccounts", "ServiceAccount", {
    short: ["sa"],
    sub: [{ name: "token", verbs: ["create"], group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" }],
  }),
  row("v1", "services", "Service", {
    short: ["svc"],
    categories: ALL,
    sub: [{ name: "proxy", verbs: PROXY_VERBS, kind: "ServiceProxyOptions" }, STATUS],
  }),
  row("apiregistration.k8s.io/v1", "apiservices", "APIService", {
    cluster: true,
    categories: EXTENSIONS,
    sub: [STATUS],
  }),
  row("apps/v1", "controllerrevisions", "ControllerRevision"),
  row("apps/v1", "daemonsets", "DaemonSet", { short: ["ds"], categories: ALL, sub: [STATUS] }),
  row("apps/v1", "deployments", "Deployment", { short: ["deploy"], categories: ALL, sub: [SCALE, STATUS] }),
  row("apps/v1", "replicasets", "ReplicaSet", { short: ["rs"], categories: ALL, sub: [SCALE, STATUS] }),
  row("apps/v1", "statefulsets", "StatefulSet", { short: ["sts"], categories: ALL, sub: [SCALE, STATUS] }),
  row("events.k8s.io/v1", "events", "Event", { short: ["ev"] }),
  row("authentication.k8s.io/v1", "selfsubjectreviews", "SelfSubjectReview", { cluster: true, virtual: true }),
  row("authentication.k8s.io/v1", "tokenreviews", "TokenReview", { cluster: true, virtual: true }),
  row("authorization.k8s.io/v1", "localsubjectaccessreviews", "LocalSubjectAccessReview", { virtual: true }),
  row("authorization.k8s.io/v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", {
    cluster: true,
    virtual: true,
  }),
  row("authorization.k8s.io/v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", { cluster: true, virtual: true }),
  row("authorization.k8s.io/v1", "subjectaccessreviews", "SubjectAccessReview", { cluster: true, virtual: true }),
  row("autoscaling/v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", {
    short: ["hpa"],
    categories: ALL,
    sub: [STATUS],
  }),
  row("autoscaling/v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler", {
    short: ["hpa"],
    categories: ALL,
    sub: [STATUS],
    storageVersion: "v2",
  }),
  row("batch/v1", "cronjobs", "CronJob", { short: ["cj"], categories: ALL, sub: [STATUS] }),
  row("batch/v1", "jobs", "Job", { categories: ALL, sub: [STATUS] }),
  row("certificates.k8s.io/v1", "certificatesigningrequests", "CertificateSigningRequest", {
    short: ["csr"],
    cluster: true,
    sub: [{ name: "approval", verbs: ["get", "patch", "update"] }, STATUS],
  }),
  row("networking.k8s.io/v1", "ingressclasses", "IngressClass", { cluster: true }),
  row("networking.k8s.io/v1", "ingresses", "Ingress", { short: ["ing"], sub: [STATUS] }),
  row("networking.k8s.io/v1", "ipaddresses", "IPAddress", { short: ["ip"], cluster: true }),
  row("networking.k8s.io/v1", "networkpolicies", "NetworkPolicy", { short: ["netpol"] }),
  row("networking.k8s.io/v1", "servicecidrs", "ServiceCIDR", { cluster: true, sub: [STATUS] }),
  row("policy/v1", "poddisruptionbudgets", "PodDisruptionBudget", { short: ["pdb"], sub: [STATUS] }),
  row("rbac.authorization.k8s.io/v1", "clusterrolebindings", "ClusterRoleBinding", { cluster: true }),
  row("rbac.authorization.k8s.io/v1", "clusterroles", "ClusterRole", { cluster: true }),
  row("rbac.authorization.k8s.io/v1", "rolebindings", "RoleBinding"),
  row("rbac.authorization.k8s.io/v1", "roles", "Role"),
  row("storage.k8s.io/v1", "csidrivers", "CSIDriver", { cluster: true }),
  row("storage.k8s.io/v1", "csinodes", "CSINode", { cluster: true }),
  row("storage.k8s.io/v1", "csistoragecapacities", "CSIStorageCapacity"),
  row("storage.k8s.io/v1", "storageclasses", "StorageClass", { short: ["sc"], cluster: true }),
  row("storage.k8s.io/v1", "volumeattachments", "VolumeAttachment", { cluster: true, sub: [STATUS] }),
  row("admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", {
    cluster: true,
    categories: EXTENSIONS,
  }),
  row("admissionregistration.k8s.io/v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", {
    cluster: true,
    categories: EXTENSIONS,
    sub: [STATUS],
  }),
  row("admissionregistration.k8s.io/v1", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", {
    cluster: true,
    categories: EXTENSIONS,
  }),
  row("admissionregistration.k8s.io/v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", {
    cluster: true,
    categories: EXTENSIONS,
  }),
  row("apiextensions.k8s.io/v1", "customresourcedefinitions", "CustomResourceDefinition", {
    short: ["crd", "crds"],
    cluster: true,
    categories: EXTENSIONS,
    sub: [STATUS],
  }),
  row("scheduling.k8s.io/v1", "priorityclasses", "PriorityClass", { short: ["pc"], cluster: true }),
  row("coordination.k8s.io/v1", "leases", "Lease"),
  row("node.k8s.io/v1", "runtimeclasses", "RuntimeClass", { cluster: true }),
  row("discovery.k8s.io/v1", "endpointslices", "EndpointSlice"),
];

const byKind = new Map(BUILTIN_ROWS.map((r) => [`${r.group}/${r.version}/${r.kind}`, r]));
/** Kinds that travel in bodies without being a resource of their own. */
const BODY_ONLY: Readonly<Record<string, string>> = {
  "meta.k8s.io/v1/DeleteOptions": "meta/v1.DeleteOptions",
  "/v1/DeleteOptions": "meta/v1.DeleteOptions",
  "policy/v1/Eviction": "policy/v1.Eviction",
  "autoscaling/v1/Scale": "autoscaling/v1.Scale",
  "authentication.k8s.io/v1/TokenRequest": "authentication/v1.TokenRequest",
};

/** The type table's key for a kind in a body; undefined when it is not built in. */
export function builtinTypeKey(group: string, version: string, kind: string): string | undefined {
  const name = `${group}/${version}/${kind}`;
  if (kind === "DeleteOptions") return "meta/v1.DeleteOptions";
  return byKind.get(name)?.typeKey ?? (Object.hasOwn(BODY_ONLY, name) ? BODY_ONLY[name] : undefined);
}
