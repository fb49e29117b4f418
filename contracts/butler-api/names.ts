// The vocabulary of the Butler API that is not a field: group, labels, annotations, finalizers, conditions, reasons.

/** The API group of all Butler kinds. */
export const GROUP = "butler.butlerlabs.dev";
/** The only served and stored version. */
export const VERSION = "v1alpha1";
/** `apiVersion` of every Butler object. */
export const API_VERSION = "butler.butlerlabs.dev/v1alpha1";

/** Where references without a namespace are looked up: provider configurations, pools, allocations. */
export const SYSTEM_NAMESPACE = "butler-system";
/** Name of the one ButlerConfig that counts. */
export const BUTLER_CONFIG_NAME = "butler";

/** Value of {@link LABELS.managedBy}. */
export const MANAGED_BY = "butler";

/** Label keys. */
export const LABELS = {
  managedBy: "app.kubernetes.io/managed-by",
  team: "butler.butlerlabs.dev/team",
  tenant: "butler.butlerlabs.dev/tenant",
  sourceNamespace: "butler.butlerlabs.dev/source-namespace",
  sourceName: "butler.butlerlabs.dev/source-name",
  networkPool: "butler.butlerlabs.dev/network-pool",
  providerConfig: "butler.butlerlabs.dev/provider-config",
  /** A hash of the owner's e-mail: label values cannot carry an `@`. */
  workspaceOwner: "butler.butlerlabs.dev/workspace-owner",
  allocationType: "butler.butlerlabs.dev/allocation-type",
  schematicId: "butler.butlerlabs.dev/schematic-id",
  imageVersion: "butler.butlerlabs.dev/image-version",
  imageArch: "butler.butlerlabs.dev/image-arch",
  /** Names the team environment a TenantCluster belongs to. Immutable but for a migration. */
  environment: "butler.butlerlabs.dev/environment",
  platformLb: "butler.butlerlabs.dev/platform-lb",
  source: "butler.butlerlabs.dev/source",
  cliRole: "butler.butlerlabs.dev/cli-role",
  cliUser: "butler.butlerlabs.dev/cli-user",
} as const;

/** Annotation keys. */
export const ANNOTATIONS = {
  description: "butler.butlerlabs.dev/description",
  createdBy: "butler.butlerlabs.dev/created-by",
  /** Stamped by butler-server when a TenantCluster is created. */
  creatorEmail: "butler.butlerlabs.dev/creator-email",
  /** Promoted from the creator's e-mail by the controller; per-member caps count by it. */
  owner: "butler.butlerlabs.dev/owner",
  /** `"true"` permits one change of the environment label. */
  migrationOperation: "butler.butlerlabs.dev/migration-operation",
  connect: "butler.butlerlabs.dev/connect",
  connectTime: "butler.butlerlabs.dev/connect-time",
  syncPassword: "butler.butlerlabs.dev/sync-password",
  cliEmail: "butler.butlerlabs.dev/cli-email",
  cliLastLogin: "butler.butlerlabs.dev/cli-last-login",
  rotationInitiated: "butler.butlerlabs.dev/rotation-initiated",
  rotationInitiatedBy: "butler.butlerlabs.dev/rotation-initiated-by",
  rotationType: "butler.butlerlabs.dev/rotation-type",
  rotationSecrets: "butler.butlerlabs.dev/rotation-secrets",
} as const;

/** Finalizers, by the kind that carries them. */
export const FINALIZERS = {
  Team: "butler.butlerlabs.dev/team",
  TenantCluster: "butler.butlerlabs.dev/tenantcluster",
  TenantAddon: "butler.butlerlabs.dev/tenantaddon",
  User: "butler.butlerlabs.dev/user",
  NetworkPool: "butler.butlerlabs.dev/networkpool",
  IPAllocation: "butler.butlerlabs.dev/ipallocation",
  ProviderConfig: "butler.butlerlabs.dev/providerconfig",
  Workspace: "butler.butlerlabs.dev/workspace",
  ImageSync: "butler.butlerlabs.dev/imagesync",
  LoadBalancerRequest: "butler.butlerlabs.dev/loadbalancerrequest",
} as const;

/** Condition types, by the kind that reports them. */
export const CONDITIONS = {
  generic: ["Ready", "Progressing", "Degraded"],
  Team: ["NamespaceReady", "RBACReady", "Ready", "QuotaExceeded"],
  TenantCluster: [
    "InfrastructureReady",
    "ControlPlaneReady",
    "WorkersReady",
    "AddonsReady",
    "NetworkReady",
    "ProviderAccessGranted",
    "ImageReady",
    "QuotaSatisfied",
    "Ready",
    "NutanixCredentialsTrustBundle",
  ],
  TenantAddon: ["ClusterReady", "DependenciesMet", "Installed", "Healthy", "Ready"],
  IdentityProvider: ["Discovered", "SecretValid", "Ready"],
  User: ["Ready", "InvitePending", "InviteExpired"],
  LoadBalancerRequest: ["Provisioned", "TargetsSynced"],
  Workspace: ["PVCReady", "PodReady", "RepositoryCloned", "DotfilesInstalled", "SSHReady", "Ready"],
  ButlerConfig: ["Configured", "NamespaceReady"],
  ProviderConfig: ["CredentialsValid", "PoolAvailable"],
  NetworkPool: ["Ready", "CapacityWarning", "CapacityCritical", "CapacityExhausted"],
} as const;

/** A condition reason of the closed vocabulary. */
export type Reason = (typeof REASONS)[number];

/** Every reason a Butler condition gives. */
export const REASONS = [
  "Pending",
  "Creating",
  "Created",
  "Running",
  "WaitingForIP",
  "Failed",
  "Deleting",
  "Deleted",
  "ProviderError",
  "InvalidConfiguration",
  "Ready",
  "WaitingForDependencies",
  "Reconciling",
  "ValidationFailed",
  "QuotaExceeded",
  "EnvQuotaExceeded",
  "PerMemberCapExceeded",
  "PoolExhausted",
  "AllocationFailed",
  "ProviderAccessDenied",
  "NetworkNotReady",
  "CredentialsInvalid",
  "NetworkReachable",
  "PoolAvailable",
  "TeamNotFound",
  "TeamRequired",
  "NamespaceMismatch",
  "ProvisioningNamespace",
  "NamespaceReady",
  "InfrastructureProvisioning",
  "WorkersProvisioning",
  "ProviderConfigNotFound",
  "CAPIResourceError",
  "ReconcileDegraded",
  "ReconcileSucceeded",
  "ConfigError",
  "NamespaceError",
  "CNIInstallFailed",
  "DeletionBlocked",
  "NamespaceCreating",
  "NamespaceTerminating",
  "NamespaceReconcileFailed",
  "RBACReconcileFailed",
  "InvalidName",
  "UtilizationAboveThreshold",
  "UtilizationBelowThreshold",
] as const;

/** `apiVersion` of a CustomResourceDefinition. */
export const CRD_API_VERSION = "apiextensions.k8s.io/v1";
