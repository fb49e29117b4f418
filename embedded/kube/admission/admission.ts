import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { UserInfo } from "../auth/user.ts";
import type { ResourceType } from "../resources/resource-type.ts";

export type Operation = "CREATE" | "UPDATE" | "DELETE" | "CONNECT";

/** One request on its way through admission. */
export interface AdmissionAttributes {
  readonly operation: Operation;
  readonly type: ResourceType;
  /** Kind of the object under review where it is not that of the resource: Scale, Eviction, Binding, TokenRequest. */
  readonly objectKind?: { readonly group: string; readonly version: string; readonly kind: string };
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** The object to be stored; mutating plugins replace it. Undefined for DELETE. */
  object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
  /** The operation's options object (CreateOptions, UpdateOptions, PatchOptions, DeleteOptions), with kind and apiVersion. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly dryRun: boolean;
  readonly user: UserInfo;
  warn(text: string): void;
}

/**
 * Decides about writes after authorization and before storage.
 *
 * Both methods throw a StatusError to refuse.
 */
export interface Admission {
  mutate(attributes: AdmissionAttributes): Promise<void>;
  validate(attributes: AdmissionAttributes): Promise<void>;
}

/** Asks several, in order. */
export function chainAdmission(plugins: readonly Admission[]): Admission {
  return {
    async mutate(attributes) {
      for (const plugin of plugins) await plugin.mutate(attributes);
    },
    async validate(attributes) {
      for (const plugin of plugins) await plugin.validate(attributes);
    },
  };
}
