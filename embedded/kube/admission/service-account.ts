import { forbiddenObject } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import type { Store } from "../store/object-store.ts";
import type { Admission } from "./admission.ts";

/** Where containers find the credentials of their pod. */
const MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const MIRROR = "kubernetes.io/config.mirror";
/** An hour and seven seconds: what kubelets ask for, told apart from an hour that somebody chose. */
const TOKEN_SECONDS = 3607;
/** A namespace that was just made has its account in a moment. */
const WAIT_MS = 1000;

interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
}
interface Container {
  volumeMounts?: Mount[];
}
interface PodSpec {
  serviceAccountName?: string;
  serviceAccount?: string;
  automountServiceAccountToken?: boolean;
  imagePullSecrets?: unknown[];
  volumes?: { name: string }[];
  containers?: Container[];
  initContainers?: Container[];
}
interface Account extends KubeObject {
  readonly automountServiceAccountToken?: boolean;
  readonly imagePullSecrets?: unknown[];
}

/** Gives pods their ServiceAccount and its token, and refuses pods whose account is not there. */
export function createServiceAccountAdmission(store: Store, randomSuffix: (length: number) => string): Admission {
  const isPodCreation = (attributes: Parameters<Admission["mutate"]>[0]) =>
    attributes.operation === "CREATE" && attributes.type.bucket === "pods" && attributes.subresource === "";
  return {
    async mutate(attributes) {
      const { object, namespace } = attributes;
      if (!isPodCreation(attributes) || object === undefined) return;
      if (object.metadata.annotations?.[MIRROR] !== undefined) return;
      const spec = (object["spec"] ?? {}) as PodSpec;
      const name = spec.serviceAccountName ?? "";
      const accountName = name === "" ? "default" : name;
      const account = await findAccount(store, namespace, accountName);
      if (account === undefined) {
        throw forbiddenObject(
          { group: "", resource: "pods" },
          object.metadata.name ?? "",
          `error looking up service account ${namespace}/${accountName}: serviceaccount ${JSON.stringify(accountName)} not found`,
        );
      }
      spec.serviceAccountName = accountName;
      spec.serviceAccount = accountName;
      if ((spec.imagePullSecrets ?? []).length === 0 && (account.imagePullSecrets ?? []).length > 0)
        spec.imagePullSecrets = structuredClone(account.imagePullSecrets) as unknown[];
      if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true)
        mountToken(spec, `kube-api-access-${randomSuffix(5)}`);
    },
    validate: () => Promise.resolve(),
  };
}

async function findAccount(store: Store, namespace: string, name: string): Promise<Account | undefined> {
  const key = `${namespace}/${name}`;
  const look = () => store.latest("serviceaccounts", key)?.object as Account | undefined;
  const found = look();
  // Only the account that every namespace gets by itself is worth waiting for.
  if (found !== undefined || name !== "default") return found;
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      unsubscribe();
      resolve(look());
    };
    const timer = setTimeout(finish, WAIT_MS);
    const unsubscribe = store.subscribe("serviceaccounts", () => {
      if (look() !== undefined) finish();
    });
  });
}

/** A volume with token, authority and namespace, mounted in every container that mounts nothing in its place. */
function mountToken(spec: PodSpec, volume: string): void {
  let mounted = false;
  const withMount = (container: Container): Container => {
    const mounts = container.volumeMounts ?? [];
    if (mounts.some((mount) => mount.mountPath === MOUNT_PATH)) return container;
    mounted = true;
    return { ...container, volumeMounts: [...mounts, { name: volume, readOnly: true, mountPath: MOUNT_PATH }] };
  };
  if (spec.initContainers !== undefined) spec.initContainers = spec.initContainers.map(withMount);
  if (spec.containers !== undefined) spec.containers = spec.containers.map(withMount);
  if (!mounted) return;
  const projected = {
    defaultMode: 420,
    sources: [
      { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: "token" } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
      {
        downwardAPI: {
          items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
        },
      },
    ],
  };
  spec.volumes = [...(spec.volumes ?? []), { name: volume, projected } as { name: string }];
}
