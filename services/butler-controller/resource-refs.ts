import { GROUP, VERSION } from "@holdfast/contracts/butler-api/names";
import type { ResourceRef } from "@holdfast/runtime/kube/kube-client";

function butler(plural: string, kind: string): ResourceRef {
  return { group: GROUP, version: VERSION, plural, kind };
}

/** Where the kinds this service touches live in the API. */
export const TEAMS = butler("teams", "Team");
export const USERS = butler("users", "User");
export const TENANT_CLUSTERS = butler("tenantclusters", "TenantCluster");
export const PROVIDER_CONFIGS = butler("providerconfigs", "ProviderConfig");
export const NETWORK_POOLS = butler("networkpools", "NetworkPool");
export const IP_ALLOCATIONS = butler("ipallocations", "IPAllocation");
export const IDENTITY_PROVIDERS = butler("identityproviders", "IdentityProvider");
export const CREATION_POLICIES = butler("clustercreationpolicies", "ClusterCreationPolicy");
export const NAMESPACES: ResourceRef = { group: "", version: "v1", plural: "namespaces", kind: "Namespace" };
export const CONFIG_MAPS: ResourceRef = { group: "", version: "v1", plural: "configmaps", kind: "ConfigMap" };
export const SECRETS: ResourceRef = { group: "", version: "v1", plural: "secrets", kind: "Secret" };
export const ACCESS_REVIEWS: ResourceRef = {
  group: "authorization.k8s.io",
  version: "v1",
  plural: "subjectaccessreviews",
  kind: "SubjectAccessReview",
};
export const VALIDATING_CONFIGURATIONS: ResourceRef = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  plural: "validatingwebhookconfigurations",
  kind: "ValidatingWebhookConfiguration",
};
export const MUTATING_CONFIGURATIONS: ResourceRef = {
  ...VALIDATING_CONFIGURATIONS,
  plural: "mutatingwebhookconfigurations",
  kind: "MutatingWebhookConfiguration",
};
export const BUTLER_CONFIGS = butler("butlerconfigs", "ButlerConfig");
export const ROLE_BINDINGS: ResourceRef = {
  group: "rbac.authorization.k8s.io",
  version: "v1",
  plural: "rolebindings",
  kind: "RoleBinding",
};
