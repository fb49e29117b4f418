// The ClusterRoles people and components get, as kube-apiserver 1.34 has them.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
import { account, EVENTS, group, on, paths, READ, READ_WRITE, type RoleRow, user, WRITE } from "./role-row.ts";

const AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-";
const AUTHENTICATED = group("system:authenticated");
const PODS_REACHED_INTO = "pods/attach pods/proxy pods/exec pods/portforward";
const WORKLOADS =
  "statefulsets statefulsets/scale daemonsets deployments deployments/scale replicasets replicasets/scale";
const OLD_WORKLOADS =
  "daemonsets deployments deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale";
const TOKEN_REVIEWS = on("authentication.k8s.io", "tokenreviews", "create");
const ACCESS_REVIEWS = on("authorization.k8s.io", "subjectaccessreviews", "create");

export const USER_ROLES: readonly RoleRow[] = [
  { name: "cluster-admin", rules: [on("*", "*", "*"), paths("*", "*")], subjects: [group("system:masters")] },
  {
    name: "system:discovery",
    rules: [paths("/livez /readyz /healthz /version /version/ /openapi /openapi/* /api /api/* /apis /apis/*", "get")],
    subjects: [AUTHENTICATED],
  },
  {
    name: "system:monitoring",
    rules: [paths("/metrics /metrics/slis /livez /readyz /healthz /livez/* /readyz/* /healthz/*", "get")],
    subjects: [group("system:monitoring")],
  },
  {
    name: "system:basic-user",
    rules: [
      on("authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews", "create"),
      on("authentication.k8s.io", "selfsubjectreviews", "create"),
    ],
    subjects: [AUTHENTICATED],
  },
  {
    name: "system:public-info-viewer",
    rules: [paths("/livez /readyz /healthz /version /version/", "get")],
    subjects: [AUTHENTICATED, group("system:unauthenticated")],
  },
  { name: "admin", rules: [], aggregatesLabel: `${AGGREGATE}admin` },
  { name: "edit", rules: [], aggregatesLabel: `${AGGREGATE}edit`, labels: { [`${AGGREGATE}admin`]: "true" } },
  { name: "view", rules: [], aggregatesLabel: `${AGGREGATE}view`, labels: { [`${AGGREGATE}edit`]: "true" } },
  {
    name: "system:aggregate-to-admin",
    labels: { [`${AGGREGATE}admin`]: "true" },
    rules: [
      on("authorization.k8s.io", "localsubjectaccessreviews", "create"),
      on("rbac.authorization.k8s.io", "roles rolebindings", READ_WRITE),
    ],
  },
  {
    name: "system:aggregate-to-edit",
    labels: { [`${AGGREGATE}edit`]: "true" },
    rules: [
      on("core", `${PODS_REACHED_INTO} secrets services/proxy`, READ),
      on("core", "serviceaccounts", "impersonate"),
      on("core", `pods ${PODS_REACHED_INTO}`, WRITE),
      on("core", "pods/eviction", "create"),
      on(
        "core",
        "replicationcontrollers replicationcontrollers/scale serviceaccounts services services/proxy persistentvolumeclaims configmaps secrets events",
        WRITE,
      ),
      on("core", "serviceaccounts/token", "create"),
      on("apps", `${WORKLOADS} deployments/rollback`, WRITE),
      on("autoscaling", "horizontalpodautoscalers", WRITE),
      on("batch", "jobs cronjobs", WRITE),
      on("extensions", `${OLD_WORKLOADS} deployments/rollback`, WRITE),
      on("policy", "poddisruptionbudgets", WRITE),
      on("networking.k8s.io", "networkpolicies ingresses", WRITE),
      on("coordination.k8s.io", "leases", READ_WRITE),
      on("resource.k8s.io", "resourceclaims resourceclaimtemplates", WRITE),
    ],
  },
  {
    name: "system:aggregate-to-view",
    labels: { [`${AGGREGATE}view`]: "true" },
    rules: [
      on(
        "core",
        "pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status endpoints persistentvolumeclaims persistentvolumeclaims/status configmaps",
        READ,
      ),
      on(
        "core",
        "limitranges resourcequotas bindings events pods/status resourcequotas/status namespaces/status replicationcontrollers/status pods/log",
        READ,
      ),
      // In a namespace this reads the namespace itself, and nothing else of that kind.
      on("core", "namespaces", READ),
      on("discovery.k8s.io", "endpointslices", READ),
      on(
        "apps",
        `controllerrevisions ${WORKLOADS} statefulsets/status daemonsets/status deployments/status replicasets/status`,
        READ,
      ),
      on("autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status", READ),
      on("batch", "jobs cronjobs cronjobs/status jobs/status", READ),
      on(
        "extensions",
        `${OLD_WORKLOADS} daemonsets/status deployments/status ingresses/status replicasets/status`,
        READ,
      ),
      on("policy", "poddisruptionbudgets poddisruptionbudgets/status", READ),
      on("networking.k8s.io", "networkpolicies ingresses ingresses/status", READ),
      on("resource.k8s.io", "resourceclaims resourceclaims/status resourceclaimtemplates", READ),
    ],
  },
  {
    name: "system:heapster",
    rules: [on("core", "events pods nodes namespaces", READ), on("extensions", "deployments", READ)],
  },
  {
    // Bound to nobody: nodes are known by the Node authorizer where there is one.
    name: "system:node",
    subjects: [],
    rules: [
      TOKEN_REVIEWS,
      on("authorization.k8s.io", "subjectaccessreviews localsubjectaccessreviews", "create"),
      on("core", "services", READ),
      on("core", "nodes", "create get list watch"),
      on("core", "nodes/status", "update patch"),
      on("core", "nodes", "update patch"),
      on("core", "events", "create update patch"),
      on("core", "pods", READ),
      on("core", "pods", "create delete"),
      on("core", "pods/status", "update patch"),
      on("core", "pods/eviction", "create"),
      on("core", "secrets configmaps", READ),
      on("core", "persistentvolumeclaims persistentvolumes", "get"),
      on("core", "endpoints", "get"),
      on("certificates.k8s.io", "certificatesigningrequests", "create get list watch"),
      on("coordination.k8s.io", "leases", "get create update patch delete"),
      on("storage.k8s.io", "volumeattachments", "get"),
      on("core", "persistentvolumeclaims/status", "get update patch"),
      on("core", "serviceaccounts/token", "create"),
      on("storage.k8s.io", "csidrivers", READ),
      on("storage.k8s.io", "csinodes", "get create update patch delete"),
      on("node.k8s.io", "runtimeclasses", READ),
      on("resource.k8s.io", "resourceclaims", "get"),
      on("resource.k8s.io", "resourceslices", `deletecollection ${READ} create update patch delete`),
    ],
  },
  {
    name: "system:node-problem-detector",
    rules: [on("core", "nodes", "get"), on("core", "nodes/status", "patch"), EVENTS],
  },
  {
    name: "system:kubelet-api-admin",
    rules: [
      on("core", "nodes", READ),
      on("core", "nodes", "proxy"),
      on("core", "nodes/configz nodes/healthz nodes/log nodes/metrics nodes/pods nodes/proxy nodes/stats", "*"),
    ],
  },
  {
    name: "system:node-bootstrapper",
    rules: [on("certificates.k8s.io", "certificatesigningrequests", "create get list watch")],
  },
  { name: "system:auth-delegator", rules: [TOKEN_REVIEWS, ACCESS_REVIEWS] },
  { name: "system:kube-aggregator", rules: [on("core", "services endpoints", READ)] },
  {
    name: "system:kube-controller-manager",
    subjects: [user("system:kube-controller-manager")],
    rules: [
      EVENTS,
      on("coordination.k8s.io", "leases", "create"),
      on("coordination.k8s.io", "leases", "get update", "kube-controller-manager"),
      on("core", "secrets serviceaccounts", "create"),
      on("core", "secrets", "delete"),
      on("core", "namespaces secrets serviceaccounts configmaps", "get"),
      on("core", "secrets serviceaccounts", "update"),
      TOKEN_REVIEWS,
      ACCESS_REVIEWS,
      on("*", "*", "list watch"),
      on("core", "serviceaccounts/token", "create"),
    ],
  },
  { name: "system:kube-dns", subjects: [account("kube-dns")], rules: [on("core", "endpoints services", "list watch")] },
  {
    name: "system:persistent-volume-provisioner",
    rules: [
      on("core", "persistentvolumes", `${READ} create delete`),
      on("core", "persistentvolumeclaims", `${READ} update`),
      on("storage.k8s.io", "storageclasses", READ),
      on("core", "events", "watch"),
      EVENTS,
    ],
  },
  ...["nodeclient", "selfnodeclient"].map((name) => ({
    name: `system:certificates.k8s.io:certificatesigningrequests:${name}`,
    rules: [on("certificates.k8s.io", `certificatesigningrequests/${name}`, "create")],
  })),
  ...["legacy-unknown", "kubelet-serving", "kube-apiserver-client", "kube-apiserver-client-kubelet"].map((name) => ({
    name: `system:certificates.k8s.io:${name}-approver`,
    rules: [on("certificates.k8s.io", "signers", "approve", `kubernetes.io/${name}`)],
  })),
  {
    name: "system:volume-scheduler",
    subjects: [user("system:kube-scheduler")],
    rules: [
      on("core", "persistentvolumes", `${READ} update patch`),
      on("storage.k8s.io", "storageclasses", READ),
      on("core", "persistentvolumeclaims", `${READ} update patch`),
    ],
  },
  {
    name: "system:service-account-issuer-discovery",
    subjects: [group("system:serviceaccounts")],
    rules: [
      paths(
        "/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/",
        "get",
      ),
    ],
  },
  {
    name: "system:node-proxier",
    subjects: [user("system:kube-proxy")],
    rules: [
      on("core", "services endpoints", "list watch"),
      on("core", "nodes", READ),
      EVENTS,
      on("discovery.k8s.io", "endpointslices", "list watch"),
      on("networking.k8s.io", "servicecidrs", "list watch"),
    ],
  },
  {
    name: "system:kube-scheduler",
    subjects: [user("system:kube-scheduler")],
    rules: [
      EVENTS,
      on("coordination.k8s.io", "leases", "create"),
      on("coordination.k8s.io", "leases", "get update", "kube-scheduler"),
      on("coordination.k8s.io", "leasecandidates", "create delete deletecollection get list patch update watch"),
      on("core", "nodes", READ),
      on("core", "pods", "get list watch delete"),
      on("core", "pods/binding bindings", "create"),
      on("core", "pods/status", "patch update"),
      on("core", "services replicationcontrollers", READ),
      on("apps extensions", "replicasets", READ),
      on("apps", "statefulsets", READ),
      on("policy", "poddisruptionbudgets", READ),
      on("core", "persistentvolumeclaims persistentvolumes", READ),
      TOKEN_REVIEWS,
      ACCESS_REVIEWS,
      on("storage.k8s.io", "csinodes", READ),
      on("core", "namespaces", READ),
      on("storage.k8s.io", "csidrivers", READ),
      on("storage.k8s.io", "csistoragecapacities", READ),
      on("storage.k8s.io", "volumeattachments", READ),
      on("resource.k8s.io", "deviceclasses", READ),
      on("resource.k8s.io", "resourceclaims", `${READ} update patch`),
      on("resource.k8s.io", "resourceclaims/status", "update patch"),
      on("resource.k8s.io", "resourceslices", READ),
    ],
  },
];
