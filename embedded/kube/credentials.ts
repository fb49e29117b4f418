import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import {
  coversHosts,
  createCertificateAuthority,
  isPair,
  isSignedBy,
  issueCertificate,
  type KeyPair,
  validityOf,
} from "@holdfast/runtime/tls/certificate-authority";

/** What the server proves itself with, and what lets the first administrator in. */
export interface Credentials {
  readonly ca: KeyPair;
  readonly server: KeyPair;
  /** Client certificate of group system:masters. */
  readonly admin: KeyPair;
  /** PEM of the ES256 key that signs ServiceAccount tokens. */
  readonly tokenKey: string;
}

const YEAR_MS = 365 * 24 * 3600_000;
const SKEW_MS = 300_000;

/**
 * Reads the credentials of a data directory, making what is missing or about to expire. Files are 0600.
 *
 * @param dir - undefined keeps everything in memory
 */
export async function loadCredentials(
  dir: string | undefined,
  options: { readonly hosts: readonly string[]; readonly now: number },
): Promise<Credentials> {
  const { now } = options;
  const store = new PairFiles(dir);
  if (dir !== undefined) await mkdir(dir, { recursive: true, mode: 0o700 });
  const notBefore = new Date(now - SKEW_MS);
  const ca = await store.pair("ca", now, () =>
    createCertificateAuthority("holdfast-kube-ca", notBefore, new Date(now + 10 * YEAR_MS)),
  );
  const hosts = [
    ...new Set([
      "127.0.0.1",
      "::1",
      "10.96.0.1",
      "localhost",
      "kubernetes",
      "kubernetes.default",
      "kubernetes.default.svc",
      "kubernetes.default.svc.cluster.local",
      ...options.hosts,
    ]),
  ];
  const issue = (leaf: { commonName: string; organizations?: string[]; uses: ("server" | "client")[] }) => () =>
    issueCertificate(ca, {
      ...leaf,
      ...(leaf.uses.includes("server")
        ? { dnsNames: hosts.filter((h) => isIP(h) === 0), ipAddresses: hosts.filter((h) => isIP(h) !== 0) }
        : {}),
      notBefore,
      notAfter: new Date(now + YEAR_MS),
    });
  const server = await store.pair("server", now, issue({ commonName: "kube-apiserver", uses: ["server"] }), {
    issuer: ca,
    hosts,
  });
  const admin = await store.pair(
    "admin",
    now,
    issue({ commonName: "kubernetes-admin", organizations: ["system:masters"], uses: ["client"] }),
    { issuer: ca, hosts: [] },
  );
  const tokenKey = await store.text("service-account.key", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return privateKey.export({ format: "pem", type: "pkcs8" }) as string;
  });
  return { ca, server, admin, tokenKey };
}

/** A kubeconfig with one cluster, one user and one context, all named `name`. */
export function kubeconfig(input: {
  readonly name: string;
  readonly server: string;
  readonly caCert: string;
  readonly client: KeyPair;
}): string {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return `apiVersion: v1
kind: Config
clusters:
- name: ${input.name}
  cluster:
    server: ${input.server}
    certificate-authority-data: ${base64(input.caCert)}
users:
- name: ${input.name}-admin
  user:
    client-certificate-data: ${base64(input.client.cert)}
    client-key-data: ${base64(input.client.key)}
contexts:
- name: ${input.name}
  context:
    cluster: ${input.name}
    user: ${input.name}-admin
current-context: ${input.name}
`;
}

/** Writes a file of secrets so that no reader ever sees half of it. */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, path);
}

/** Certificates with less than this left are made anew at start. */
const RENEW_BEFORE_MS = 30 * 24 * 3600_000;

class PairFiles {
  readonly #dir: string | undefined;

  constructor(dir: string | undefined) {
    this.#dir = dir;
  }

  /** @param must - what a leaf that is there must have to be used again */
  async pair(
    name: string,
    now: number,
    make: () => Promise<KeyPair>,
    must?: { readonly issuer: KeyPair; readonly hosts: readonly string[] },
  ): Promise<KeyPair> {
    if (this.#dir === undefined) return make();
    const [cert, key] = [join(this.#dir, `${name}.crt`), join(this.#dir, `${name}.key`)];
    if (existsSync(cert) && existsSync(key)) {
      const found = { cert: await readFile(cert, "utf8"), key: await readFile(key, "utf8") };
      const validity = validityOf(found.cert);
      const lasts = validity !== undefined && validity.notAfter.getTime() - now > RENEW_BEFORE_MS;
      const fits =
        must === undefined || (isSignedBy(found.cert, must.issuer.cert) && coversHosts(found.cert, must.hosts));
      if (isPair(found) && lasts && fits) return found;
    }
    const made = await make();
    await writeSecretFile(key, made.key);
    await writeSecretFile(cert, made.cert);
    return made;
  }

  async text(name: string, make: () => string): Promise<string> {
    if (this.#dir === undefined) return make();
    const path = join(this.#dir, name);
    if (existsSync(path)) return readFile(path, "utf8");
    const made = make();
    await writeSecretFile(path, made);
    return made;
  }
}
