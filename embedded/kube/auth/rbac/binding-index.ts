import { goQuote } from "@holdfast/apimachinery/meta/field-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Store, StoreEvent } from "../../store/object-store.ts";
import type { UserInfo } from "../user.ts";
import { isRecord } from "./policy-rule.ts";

export interface RoleRef {
  readonly apiGroup: string;
  readonly kind: string;
  readonly name: string;
}

/** What one binding gives one of its subjects. */
export interface Grant {
  readonly roleRef: RoleRef;
  /** Namespace of the binding; "" for a ClusterRoleBinding. */
  readonly namespace: string;
  /** `RoleBinding "alice-reads/default" of Role "reader" to User "alice"` */
  readonly text: string;
}

export const ROLE_BINDINGS = "rolebindings.rbac.authorization.k8s.io";
export const CLUSTER_ROLE_BINDINGS = "clusterrolebindings.rbac.authorization.k8s.io";

/** subject key -> binding name -> grant */
type Grants = Map<string, Map<string, Grant>>;

/** Bindings by their subjects, kept up to date from the store's events. */
export class BindingIndex {
  readonly #cluster: Grants = new Map();
  readonly #byNamespace = new Map<string, Grants>();

  constructor(store: Store) {
    for (const bucket of [CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS]) {
      for (const [, stored] of store.bucket(bucket).entries()) this.#add(stored.object);
      store.subscribe(bucket, (event) => this.#follow(event));
    }
  }

  /** Grants that reach the user: those of the whole cluster first, then those of the namespace ("": none). */
  *of(user: UserInfo, namespace: string): Generator<Grant> {
    yield* reached(this.#cluster, user);
    const inNamespace = namespace === "" ? undefined : this.#byNamespace.get(namespace);
    if (inNamespace !== undefined) yield* reached(inNamespace, user);
  }

  #follow(event: StoreEvent): void {
    if (event.previous !== undefined) this.#remove(event.previous.object);
    if (event.type !== "DELETED") this.#add(event.stored.object);
  }

  #grantsOf(namespace: string): Grants {
    if (namespace === "") return this.#cluster;
    return innerMap(this.#byNamespace, namespace);
  }

  #add(binding: KubeObject): void {
    const { name = "", namespace = "" } = binding.metadata;
    const grants = this.#grantsOf(namespace);
    const roleRef = readRoleRef(binding);
    const head =
      namespace === ""
        ? `ClusterRoleBinding ${goQuote(name)} of ${roleRef.kind} ${goQuote(roleRef.name)}`
        : `RoleBinding ${goQuote(`${name}/${namespace}`)} of ${roleRef.kind} ${goQuote(roleRef.name)}`;
    for (const subject of subjectsOf(binding, namespace)) {
      const ofSubject = innerMap(grants, subject.key);
      if (!ofSubject.has(name)) ofSubject.set(name, { roleRef, namespace, text: `${head} to ${subject.text}` });
    }
  }

  #remove(binding: KubeObject): void {
    const { name = "", namespace = "" } = binding.metadata;
    const grants = this.#grantsOf(namespace);
    for (const { key } of subjectsOf(binding, namespace)) {
      const ofSubject = grants.get(key);
      ofSubject?.delete(name);
      if (ofSubject?.size === 0) grants.delete(key);
    }
    if (namespace !== "" && grants.size === 0) this.#byNamespace.delete(namespace);
  }
}

/** The inner map of a key, made when first needed. */
function innerMap<K, V>(outer: Map<string, Map<K, V>>, key: string): Map<K, V> {
  const known = outer.get(key);
  if (known !== undefined) return known;
  const made = new Map<K, V>();
  outer.set(key, made);
  return made;
}

function* reached(grants: Grants, user: UserInfo): Generator<Grant> {
  const own = grants.get(`u:${user.username}`);
  if (own !== undefined) yield* own.values();
  for (const group of user.groups) {
    const ofGroup = grants.get(`g:${group}`);
    if (ofGroup !== undefined) yield* ofGroup.values();
  }
}

/** The roleRef of a binding; missing parts are "". */
export function readRoleRef(binding: KubeObject): RoleRef {
  const ref = binding["roleRef"];
  const part = (key: string) => (isRecord(ref) && typeof ref[key] === "string" ? ref[key] : "");
  return { apiGroup: part("apiGroup"), kind: part("kind"), name: part("name") };
}

function subjectsOf(binding: KubeObject, namespace: string): { key: string; text: string }[] {
  const subjects = binding["subjects"];
  if (!Array.isArray(subjects)) return [];
  const out: { key: string; text: string }[] = [];
  for (const subject of subjects as unknown[]) {
    if (!isRecord(subject) || typeof subject["name"] !== "string") continue;
    const name = subject["name"];
    switch (subject["kind"]) {
      case "User":
        out.push({ key: `u:${name}`, text: `User ${goQuote(name)}` });
        break;
      case "Group":
        out.push({ key: `g:${name}`, text: `Group ${goQuote(name)}` });
        break;
      case "ServiceAccount": {
        const of =
          typeof subject["namespace"] === "string" && subject["namespace"] !== "" ? subject["namespace"] : namespace;
        if (of !== "")
          out.push({
            key: `u:system:serviceaccount:${of}:${name}`,
            text: `ServiceAccount ${goQuote(`${name}/${of}`)}`,
          });
        break;
      }
      default:
      // Other kinds name nobody this server knows.
    }
  }
  return out;
}
