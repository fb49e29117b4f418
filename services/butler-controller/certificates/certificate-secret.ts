import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import {
  coversHosts,
  createCertificateAuthority,
  isPair,
  isSignedBy,
  issueCertificate,
  type KeyPair,
} from "@holdfast/runtime/tls/certificate-authority";
import { AUTHORITY_LIFE_MS, type CertificateState, type CertificateStep, LEAF_LIFE_MS } from "./decide-certificates.ts";

/** The certificates of a self-managed webhook, as the Secret holds them. */
export interface Certificates {
  readonly authority: KeyPair;
  readonly other: { readonly pair: KeyPair; readonly role: "next" | "previous"; readonly since: number } | undefined;
  readonly leaf: KeyPair;
}

const SINCE = "butler.butlerlabs.dev/certificate-step-since";
const SKEW_MS = 3600_000;

/** Reads a Secret; undefined when it does not hold a complete set that belongs together. */
export function readCertificates(secret: KubeObject | undefined): Certificates | undefined {
  const data = secret?.["data"] as Record<string, string> | undefined;
  if (data === undefined) return undefined;
  const text = (key: string) => (data[key] === undefined ? "" : Buffer.from(data[key], "base64").toString("utf8"));
  const pair = (cert: string, key: string): KeyPair | undefined => {
    const found = { cert: text(cert), key: text(key) };
    return isPair(found) ? found : undefined;
  };
  const authority = pair("ca.crt", "ca.key");
  const leaf = pair("tls.crt", "tls.key");
  if (authority === undefined || leaf === undefined) return undefined;
  const since = Number(secret?.metadata.annotations?.[SINCE] ?? 0);
  const next = pair("ca-next.crt", "ca-next.key");
  const previous = pair("ca-previous.crt", "ca-previous.key");
  const other =
    next !== undefined
      ? { pair: next, role: "next" as const, since }
      : previous === undefined
        ? undefined
        : { pair: previous, role: "previous" as const, since };
  return { authority, other, leaf };
}

/** The Secret that holds a set. */
export function certificateSecret(
  at: { readonly name: string; readonly namespace: string; readonly resourceVersion?: string },
  set: Certificates,
): KubeObject {
  const encode = (text: string) => Buffer.from(text).toString("base64");
  const { other } = set;
  return {
    kind: "Secret",
    apiVersion: "v1",
    type: "kubernetes.io/tls",
    metadata: {
      name: at.name,
      namespace: at.namespace,
      labels: { "app.kubernetes.io/managed-by": "butler" },
      ...(other === undefined ? {} : { annotations: { [SINCE]: String(other.since) } }),
      ...(at.resourceVersion === undefined ? {} : { resourceVersion: at.resourceVersion }),
    },
    data: {
      "ca.crt": encode(set.authority.cert),
      "ca.key": encode(set.authority.key),
      "tls.crt": encode(set.leaf.cert),
      "tls.key": encode(set.leaf.key),
      ...(other === undefined
        ? {}
        : { [`ca-${other.role}.crt`]: encode(other.pair.cert), [`ca-${other.role}.key`]: encode(other.pair.key) }),
    },
  };
}

/** Every authority a caller must trust at this moment. */
export function bundleOf(set: Certificates): string {
  return (
    [set.authority.cert, ...(set.other === undefined ? [] : [set.other.pair.cert])]
      .map((pem) => pem.trimEnd())
      .join("\n") + "\n"
  );
}

/** What the pure decision needs of a set. */
export function stateOf(set: Certificates | undefined, names: readonly string[]): CertificateState | undefined {
  if (set === undefined) return undefined;
  const [authority, leaf] = [new X509Certificate(set.authority.cert), new X509Certificate(set.leaf.cert)];
  const life = (c: X509Certificate) => ({ notBefore: c.validFromDate.getTime(), notAfter: c.validToDate.getTime() });
  return {
    authority: life(authority),
    other: set.other === undefined ? undefined : { role: set.other.role, since: set.other.since },
    leaf: life(leaf),
    namesMatch: isSignedBy(set.leaf.cert, set.authority.cert) && coversHosts(set.leaf.cert, names),
  };
}

/** Takes one step; makes keys where the step needs some. */
export async function takeStep(
  step: Exclude<CertificateStep["step"], "keep">,
  set: Certificates | undefined,
  { now, names }: { readonly now: number; readonly names: readonly string[] },
): Promise<Certificates> {
  if (step === "create" || set === undefined) {
    const authority = await newAuthority(now);
    return { authority, other: undefined, leaf: await newLeaf(authority, now, names) };
  }
  switch (step) {
    case "renew-leaf":
      return { ...set, leaf: await newLeaf(set.authority, now, names) };
    case "announce-authority":
      return { ...set, other: { pair: await newAuthority(now), role: "next", since: now } };
    case "switch-authority": {
      const next = set.other?.pair ?? (await newAuthority(now));
      return {
        authority: next,
        other: { pair: set.authority, role: "previous", since: now },
        leaf: await newLeaf(next, now, names),
      };
    }
    case "drop-authority":
      return { ...set, other: undefined };
  }
}

function newAuthority(now: number): Promise<KeyPair> {
  return createCertificateAuthority(
    "butler-controller-webhook-ca",
    new Date(now - SKEW_MS),
    new Date(now + AUTHORITY_LIFE_MS),
  );
}

function newLeaf(authority: KeyPair, now: number, names: readonly string[]): Promise<KeyPair> {
  return issueCertificate(authority, {
    commonName: names[0] ?? "butler-controller-webhook",
    uses: ["server"],
    dnsNames: names.filter((n) => isIP(n) === 0),
    ipAddresses: names.filter((n) => isIP(n) !== 0),
    notBefore: new Date(now - SKEW_MS),
    notAfter: new Date(now + LEAF_LIFE_MS),
  });
}
