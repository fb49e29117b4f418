// JSON Web Signature in compact form with ES256 and one key: RFC 7515, RFC 7518 section 3.4.
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

/** Tokens longer than this are none of ours: 16 KiB. */
export const MAX_TOKEN_CHARS = 16 * 1024;

/** RFC 7517 */
export interface JsonWebKey {
  readonly use: "sig";
  readonly kty: "EC";
  readonly kid: string;
  readonly crv: "P-256";
  readonly alg: "ES256";
  readonly x: string;
  readonly y: string;
}

/** Signs and verifies; the private half stays inside. */
export interface Es256Key {
  readonly jwk: JsonWebKey;
  sign(payload: object): string;
  /** Whether the signature is this key's. */
  verify(token: CompactToken): boolean;
}

/** A token taken apart. Nothing of it is verified. */
export interface CompactToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly signingInput: string;
  readonly signature: Buffer;
}

/** @throws TypeError when the PEM holds no private P-256 key */
export function loadEs256Key(privateKeyPem: string): Es256Key {
  const privateKey = createPrivateKey(privateKeyPem);
  const curve = privateKey.asymmetricKeyDetails?.namedCurve;
  if (privateKey.asymmetricKeyType !== "ec" || curve !== "prime256v1") {
    throw new TypeError(
      `Cannot sign tokens: the key is "${privateKey.asymmetricKeyType}" on curve "${curve ?? ""}", ES256 needs "prime256v1"`,
    );
  }
  const publicKey = createPublicKey(privateKey);
  const jwk = toJwk(publicKey);
  const header = encode({ alg: "ES256", kid: jwk.kid });
  return {
    jwk,
    sign(payload) {
      const signingInput = `${header}.${encode(payload)}`;
      const signature = sign("sha256", Buffer.from(signingInput), { key: privateKey, dsaEncoding: "ieee-p1363" });
      return `${signingInput}.${signature.toString("base64url")}`;
    },
    verify({ header: sent, signingInput, signature }) {
      if (sent["alg"] !== "ES256" || signature.length !== 64) return false;
      // RFC 7515 section 4.1.11: extensions that must be understood are not.
      if (Object.hasOwn(sent, "crit")) return false;
      if (sent["kid"] !== undefined && sent["kid"] !== jwk.kid) return false;
      return verify("sha256", Buffer.from(signingInput), { key: publicKey, dsaEncoding: "ieee-p1363" }, signature);
    },
  };
}

/** Undefined when the text is no token in compact form, or too long. */
export function parseCompactToken(token: string): CompactToken | undefined {
  if (token.length > MAX_TOKEN_CHARS) return undefined;
  const parts = token.split(".", 4);
  const [head, body, signature] = parts;
  if (parts.length !== 3 || head === undefined || body === undefined || signature === undefined) return undefined;
  const header = decode(head);
  const payload = decode(body);
  if (header === undefined || payload === undefined || !isBase64url(signature)) return undefined;
  return { header, payload, signingInput: `${head}.${body}`, signature: Buffer.from(signature, "base64url") };
}

function toJwk(publicKey: KeyObject): JsonWebKey {
  const { x, y } = publicKey.export({ format: "jwk" });
  // The key id of the original: the digest of the public key's DER form.
  const kid = createHash("sha256")
    .update(publicKey.export({ format: "der", type: "spki" }))
    .digest("base64url");
  return { use: "sig", kty: "EC", kid, crv: "P-256", alg: "ES256", x: x as string, y: y as string };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function isBase64url(text: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(text);
}

function decode(part: string): Readonly<Record<string, unknown>> | undefined {
  if (!isBase64url(part)) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return value !== null && typeof value === "object" && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
