import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Admission } from "../admission/admission.ts";
import type { Authorizer, UserInfo } from "../auth/user.ts";
import type { ResourceRegistry } from "../resources/resource-registry.ts";
import type { Store } from "../store/object-store.ts";

/** What every operation needs of the server it runs in. */
export interface KubeContext {
  readonly store: Store;
  readonly registry: ResourceRegistry;
  readonly admission: Admission;
  readonly authorizer: Authorizer;
  /** Milliseconds since 1970. */
  now(): number;
  uuid(): string;
  /** `length` characters for generateName. */
  randomSuffix(length: number): string;
}

/** Who asks, and how to warn them. */
export interface Caller {
  readonly user: UserInfo;
  readonly userAgent: string;
  /** Adds a Warning header to the reply. */
  warn(text: string): void;
}

export interface WriteOptions {
  readonly dryRun: boolean;
  /** `fieldManager` of the query; "" for none. */
  readonly fieldManager: string;
  readonly fieldValidation: "Strict" | "Warn" | "Ignore";
}

/** RFC 3339 with seconds, as metav1.Time prints. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** The result of a write: JSON of the object as clients get it. */
export interface Written {
  readonly object: KubeObject;
  /** The JSON text, when it is already there. */
  readonly json?: string;
  readonly created: boolean;
}
