import { ADDON_DEFINITION } from "./addon-definition.ts";
import { BUTLER_CONFIG } from "./butler-config.ts";
import { CLUSTER_BOOTSTRAP } from "./cluster-bootstrap.ts";
import { CLUSTER_CREATION_POLICY } from "./cluster-creation-policy.ts";
import { IDENTITY_PROVIDER } from "./identity-provider.ts";
import { IMAGE_SYNC } from "./image-sync.ts";
import { IP_ALLOCATION } from "./ip-allocation.ts";
import { LOAD_BALANCER_REQUEST } from "./load-balancer-request.ts";
import { MACHINE_REQUEST } from "./machine-request.ts";
import { MANAGEMENT_ADDON } from "./management-addon.ts";
import { NETWORK_POOL } from "./network-pool.ts";
import { PROVIDER_CONFIG } from "./provider-config.ts";
import type { CustomResourceDefinition } from "./resource.ts";
import { TEAM } from "./team.ts";
import { TENANT_ADDON } from "./tenant-addon.ts";
import { TENANT_CLUSTER } from "./tenant-cluster.ts";
import { USER } from "./user.ts";
import { WORKSPACE } from "./workspace.ts";
import { WORKSPACE_TEMPLATE } from "./workspace-template.ts";

/** All kinds of the Butler API, complete and by alphabet. Copy one before changing it. */
export const BUTLER_CRDS: readonly CustomResourceDefinition[] = [
  ADDON_DEFINITION.crd,
  BUTLER_CONFIG.crd,
  CLUSTER_BOOTSTRAP.crd,
  CLUSTER_CREATION_POLICY.crd,
  IDENTITY_PROVIDER.crd,
  IMAGE_SYNC.crd,
  IP_ALLOCATION.crd,
  LOAD_BALANCER_REQUEST.crd,
  MACHINE_REQUEST.crd,
  MANAGEMENT_ADDON.crd,
  NETWORK_POOL.crd,
  PROVIDER_CONFIG.crd,
  TEAM.crd,
  TENANT_ADDON.crd,
  TENANT_CLUSTER.crd,
  USER.crd,
  WORKSPACE.crd,
  WORKSPACE_TEMPLATE.crd,
];
