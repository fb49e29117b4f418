import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { kubeErrors } from "./errors.ts";

/** How a client reaches an API server and proves itself. */
export interface KubeConnection {
  /** `https://host:port`, without a path. */
  readonly server: string;
  /** PEM; undefined trusts what the system trusts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Asked before each request, so that a rotated token file is noticed. */
  readonly token?: () => string;
  readonly namespace?: string;
}

interface Kubeconfig {
  readonly "current-context"?: string;
  readonly contexts?: readonly { name: string; context: { cluster: string; user: string; namespace?: string } }[];
  readonly clusters?: readonly { name: string; cluster: Record<string, string> }[];
  readonly users?: readonly { name: string; user: Record<string, string> }[];
}

/**
 * Reads the current (or the named) context of a kubeconfig.
 *
 * @throws KUBE_CONFIG for a file that is none, or asks for an exec plugin, which is not run
 */
export function parseKubeconfig(text: string, file: string, context?: string): KubeConnection {
  const refuse = (why: string) => kubeErrors.create("KUBE_CONFIG", { file, why });
  let config: Kubeconfig;
  try {
    config = parse(text) as Kubeconfig;
  } catch (cause) {
    throw kubeErrors.create("KUBE_CONFIG", { file, why: "it is no YAML" }, { cause });
  }
  const name = context ?? config?.["current-context"] ?? "";
  const chosen = config?.contexts?.find((c) => c.name === name)?.context;
  if (chosen === undefined) throw refuse(`it has no context ${JSON.stringify(name)}`);
  const cluster = config.clusters?.find((c) => c.name === chosen.cluster)?.cluster;
  if (cluster?.["server"] === undefined)
    throw refuse(`it has no cluster ${JSON.stringify(chosen.cluster)} with a server`);
  const user = config.users?.find((u) => u.name === chosen.user)?.user ?? {};
  if (user["exec"] !== undefined || user["auth-provider"] !== undefined)
    throw refuse("its user needs an external command, which is not run");
  const pem = (from: Record<string, string>, field: string) => {
    const data = from[`${field}-data`];
    if (data !== undefined) return Buffer.from(data, "base64").toString("utf8");
    return from[field] === undefined ? undefined : readFileSync(from[field], "utf8");
  };
  const [ca, cert, key] = [
    pem(cluster, "certificate-authority"),
    pem(user, "client-certificate"),
    pem(user, "client-key"),
  ];
  const token = user["token"];
  return {
    server: cluster["server"].replace(/\/+$/, ""),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(token === undefined ? {} : { token: () => token }),
    ...(chosen.namespace === undefined ? {} : { namespace: chosen.namespace }),
  };
}

const ACCOUNT_DIR = "/var/run/secrets/kubernetes.io/serviceaccount";
const TOKEN_REREAD_MS = 60_000;

/** The connection of a pod: its ServiceAccount's token is read again every minute, since it is rotated. */
export function inClusterConnection(
  env: Readonly<Record<string, string | undefined>>,
  dir = ACCOUNT_DIR,
  now: () => number = Date.now,
): KubeConnection | undefined {
  const host = env["KUBERNETES_SERVICE_HOST"];
  const port = env["KUBERNETES_SERVICE_PORT"];
  if (host === undefined || port === undefined) return undefined;
  let token = "";
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    ca: readFileSync(join(dir, "ca.crt"), "utf8"),
    namespace: readFileSync(join(dir, "namespace"), "utf8").trim(),
    token: () => {
      if (now() - readAt > TOKEN_REREAD_MS) {
        token = readFileSync(join(dir, "token"), "utf8").trim();
        readAt = now();
      }
      return token;
    },
  };
}
