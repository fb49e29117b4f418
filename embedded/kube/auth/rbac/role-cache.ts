import { storeKey } from "../../resources/resource-type.ts";
import type { Store } from "../../store/object-store.ts";
import type { RoleRef } from "./binding-index.ts";
import { type CompiledRules, compileRules } from "./compiled-rules.ts";
import { rulesOf } from "./policy-rule.ts";

export const ROLES = "roles.rbac.authorization.k8s.io";
export const CLUSTER_ROLES = "clusterroles.rbac.authorization.k8s.io";

/** Roles in compiled form, compiled when first asked for and again after a change. */
export class RoleCache {
  readonly #store: Store;
  readonly #compiled: Readonly<Record<"Role" | "ClusterRole", Map<string, CompiledRules>>> = {
    Role: new Map(),
    ClusterRole: new Map(),
  };

  constructor(store: Store) {
    this.#store = store;
    store.subscribe(ROLES, ({ stored }) =>
      this.#compiled.Role.delete(
        storeKey(stored.object.metadata.namespace ?? "", stored.object.metadata.name as string),
      ),
    );
    store.subscribe(CLUSTER_ROLES, ({ stored }) =>
      this.#compiled.ClusterRole.delete(stored.object.metadata.name as string),
    );
  }

  /** @param namespace - of the binding; "" for a ClusterRoleBinding */
  find(ref: RoleRef, namespace: string): CompiledRules | undefined {
    switch (ref.kind) {
      case "Role":
        return namespace === "" ? undefined : this.#get("Role", storeKey(namespace, ref.name));
      case "ClusterRole":
        return this.#get("ClusterRole", ref.name);
      default:
        return undefined;
    }
  }

  #get(kind: "Role" | "ClusterRole", key: string): CompiledRules | undefined {
    const known = this.#compiled[kind].get(key);
    if (known !== undefined) return known;
    const stored = this.#store.bucket(kind === "Role" ? ROLES : CLUSTER_ROLES).get(key);
    if (stored === undefined) return undefined;
    const compiled = compileRules(rulesOf(stored.object));
    this.#compiled[kind].set(key, compiled);
    return compiled;
  }
}
