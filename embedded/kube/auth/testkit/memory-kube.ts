// A server's inside without its network, for the tests of this folder.
import { chainAdmission } from "../../admission/admission.ts";
import { createInternal } from "../../controllers/create-internal.ts";
import type { KubeContext } from "../../operations/kube-context.ts";
import { ResourceRegistry } from "../../resources/resource-registry.ts";
import { ObjectStore } from "../../store/object-store.ts";
import { createRbacAuthorizer, type RbacAuthorizer } from "../rbac-authorizer.ts";

/** 2026-01-02T03:04:05Z */
export const START_MS = 1_767_323_045_000;

export interface MemoryKube extends KubeContext {
  readonly authorizer: RbacAuthorizer;
  /** What `now` says; tests move it. */
  clockMs: number;
  /** Stores an object of an rbac or core kind. */
  put(bucket: string, object: Record<string, unknown>): Promise<void>;
  remove(bucket: string, key: string): Promise<void>;
}

export async function openMemoryKube(): Promise<MemoryKube> {
  const store = await ObjectStore.open(undefined);
  let ids = 0;
  const kube: MemoryKube = {
    store,
    registry: new ResourceRegistry(),
    authorizer: createRbacAuthorizer(store),
    admission: chainAdmission([]),
    clockMs: START_MS,
    now: () => kube.clockMs,
    uuid: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, "0")}`,
    randomSuffix: (length) => "x".repeat(length),
    async put(bucket, object) {
      const { metadata } = object as { metadata: { name: string; namespace?: string } };
      const key = metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
      const current = store.latest(bucket, key);
      const next = { kind: "", apiVersion: "v1", ...object, metadata };
      if (current === undefined) await createInternal(kube, bucket, next);
      else await store.commit({ bucket, key, next, expected: current });
    },
    async remove(bucket, key) {
      await store.commit({ bucket, key, next: undefined, expected: store.latest(bucket, key) });
    },
  };
  return kube;
}

export const BUCKETS = {
  roles: "roles.rbac.authorization.k8s.io",
  clusterRoles: "clusterroles.rbac.authorization.k8s.io",
  roleBindings: "rolebindings.rbac.authorization.k8s.io",
  clusterRoleBindings: "clusterrolebindings.rbac.authorization.k8s.io",
} as const;

const RBAC = "rbac.authorization.k8s.io";

export function user(name: string): Record<string, string> {
  return { kind: "User", apiGroup: RBAC, name };
}

export function group(name: string): Record<string, string> {
  return { kind: "Group", apiGroup: RBAC, name };
}

export function roleRef(kind: "Role" | "ClusterRole", name: string): Record<string, string> {
  return { apiGroup: RBAC, kind, name };
}
