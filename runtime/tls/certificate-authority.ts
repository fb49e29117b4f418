import { createPrivateKey, type KeyObject, randomBytes, webcrypto, X509Certificate } from "node:crypto";
import { isIP } from "node:net";

/** A certificate and its key, both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface IssueOptions {
  readonly commonName: string;
  /** Organizations of the subject: groups of a Kubernetes client certificate. */
  readonly organizations?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly uses: readonly ("server" | "client")[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/**
 * Makes a self-signed certificate authority with an ECDSA P-256 key.
 *
 * The library that writes certificates is loaded on first use, so that a start which finds its certificates pays nothing for it.
 */
export async function createCertificateAuthority(
  commonName: string,
  notBefore: Date,
  notAfter: Date,
): Promise<KeyPair> {
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${escapeName(commonName)}`,
    notBefore,
    notAfter,
    signingAlgorithm: ALGORITHM,
    keys: keys as webcrypto.CryptoKeyPair,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as webcrypto.CryptoKey),
    ],
  });
  return { cert: certificate.toString("pem") + "\n", key: await exportKey(keys.privateKey) };
}

/**
 * Issues a leaf certificate with a new ECDSA P-256 key.
 *
 * @throws RangeError when the leaf would have the authority's own name: verifiers take such a certificate for self-signed
 */
export async function issueCertificate(authority: KeyPair, options: IssueOptions): Promise<KeyPair> {
  const x509 = await loadX509();
  const ca = new x509.X509Certificate(authority.cert);
  if (ca.subject === `CN=${escapeName(options.commonName)}`) {
    throw new RangeError(
      `Cannot issue a certificate named ${JSON.stringify(options.commonName)}: the authority has that name`,
    );
  }
  const caKey = await importKey(authority.key);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const names = [
    ...(options.dnsNames ?? []).map((value) => ({ type: "dns" as const, value })),
    ...(options.ipAddresses ?? []).map((value) => ({ type: "ip" as const, value })),
  ];
  const uses = options.uses.map((use) =>
    use === "server" ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth,
  );
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [
      `CN=${escapeName(options.commonName)}`,
      ...(options.organizations ?? []).map((o) => `O=${escapeName(o)}`),
    ].join(", "),
    issuer: ca.subject,
    notBefore: options.notBefore,
    notAfter: options.notAfter,
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey as webcrypto.CryptoKey,
    signingKey: caKey as webcrypto.CryptoKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(uses),
      await x509.AuthorityKeyIdentifierExtension.create(ca),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  return { cert: certificate.toString("pem") + "\n", key: await exportKey(keys.privateKey) };
}

/** When a PEM certificate begins and ends; undefined when it is none. */
export function validityOf(pem: string): { readonly notBefore: Date; readonly notAfter: Date } | undefined {
  try {
    const certificate = new X509Certificate(pem);
    return { notBefore: certificate.validFromDate, notAfter: certificate.validToDate };
  } catch {
    return undefined;
  }
}

/** True when key and certificate belong together. */
export function isPair(pair: KeyPair): boolean {
  try {
    return new X509Certificate(pair.cert).checkPrivateKey(createPrivateKey(pair.key) as KeyObject);
  } catch {
    return false;
  }
}

/** True when the authority has signed the certificate (both PEM). */
export function isSignedBy(cert: string, authority: string): boolean {
  try {
    return new X509Certificate(cert).verify(new X509Certificate(authority).publicKey);
  } catch {
    return false;
  }
}

/** True when a PEM certificate is valid for every one of the names and addresses. */
export function coversHosts(cert: string, hosts: readonly string[]): boolean {
  try {
    const certificate = new X509Certificate(cert);
    return hosts.every(
      (host) => (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined,
    );
  } catch {
    return false;
  }
}

async function loadX509(): Promise<typeof import("@peculiar/x509")> {
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  x509.cryptoProvider.set(webcrypto as unknown as Crypto);
  return x509;
}

function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

/** RFC 4514 section 2.4 */
function escapeName(value: string): string {
  return value.replace(/[,+"\\<>;=#]/g, (c) => `\\${c}`);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${(der.match(/.{1,64}/g) ?? []).join("\n")}\n-----END PRIVATE KEY-----\n`;
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ format: "der", type: "pkcs8" });
  return webcrypto.subtle.importKey("pkcs8", der, ALGORITHM, false, ["sign"]);
}
