import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { loadEs256Key, MAX_TOKEN_CHARS, parseCompactToken } from "./es256-key.ts";

function pem(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ format: "pem", type: "pkcs8" }) as string;
}

const KEY_PEM = pem();
const KEY = loadEs256Key(KEY_PEM);
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

function verifies(token: string): boolean {
  const parsed = parseCompactToken(token);
  return parsed !== undefined && KEY.verify(parsed);
}

function signed(header: object, payload: object = { a: 1 }): string {
  const input = `${part(header)}.${part(payload)}`;
  return `${input}.${sign("sha256", Buffer.from(input), { key: KEY_PEM, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

test("what is signed verifies, with this key and for whoever reads the published one", () => {
  const token = KEY.sign({ sub: "x" });
  assert.equal(verifies(token), true);
  assert.deepEqual(parseCompactToken(token)?.payload, { sub: "x" });
  const [head, body, signature] = token.split(".") as [string, string, string];
  const key = createPublicKey({ key: { ...KEY.jwk }, format: "jwk" });
  assert.ok(
    verify(
      "sha256",
      Buffer.from(`${head}.${body}`),
      { key, dsaEncoding: "ieee-p1363" },
      Buffer.from(signature, "base64url"),
    ),
  );
  const { kid, x, y, ...rest } = KEY.jwk;
  assert.deepEqual(rest, { use: "sig", kty: "EC", crv: "P-256", alg: "ES256" });
  assert.match(kid, /^[\w-]{43}$/);
  assert.deepEqual([x.length, y.length], [43, 43]);
});

test("other algorithms, keys and extensions are refused even with a good signature", () => {
  assert.equal(verifies(signed({ alg: "ES256" })), true);
  for (const header of [
    { alg: "none" },
    { alg: "HS256" },
    { alg: "es256" },
    {},
    { alg: "ES256", kid: "other" },
    { alg: "ES256", kid: null },
    { alg: "ES256", crit: ["b64"], b64: false },
  ]) {
    assert.equal(verifies(signed(header)), false, JSON.stringify(header));
  }
  assert.equal(verifies(loadEs256Key(pem()).sign({ a: 1 })), false);
  assert.equal(verifies(`${part({ alg: "none" })}.${part({ a: 1 })}.`), false);
});

test("a token with any character changed does not verify", () => {
  const token = KEY.sign({ sub: "system:serviceaccount:one:robot", exp: 1 });
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom(..."ABab09-_.=+/ \u0000é"), (at, character) => {
      if (token[at] === character) return;
      // The last character of a signature carries two bits that mean nothing.
      if (at === token.length - 1) return;
      assert.equal(verifies(token.slice(0, at) + character + token.slice(at + 1)), false);
    }),
    { numRuns: 500 },
  );
});

test("anything may be asked, and what is no token is none", () => {
  for (const text of [
    "",
    ".",
    "..",
    "...",
    "a.b.c",
    "a.b.c.d",
    `${part(1)}.${part(2)}.aa`,
    `${part([])}.${part({})}.aa`,
    `${part({})}.${part(null)}.aa`,
  ]) {
    assert.equal(parseCompactToken(text), undefined, text);
  }
  assert.equal(parseCompactToken(`${KEY.sign({})}.`), undefined);
  const deep = Buffer.from(`${"[".repeat(6000)}`).toString("base64url");
  assert.equal(parseCompactToken(`${part({})}.${deep}.aa`), undefined);
  assert.equal(parseCompactToken("a".repeat(MAX_TOKEN_CHARS + 1)), undefined);
  assert.equal(parseCompactToken(`${".".repeat(MAX_TOKEN_CHARS)}`), undefined);
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.base64String()), { maxLength: 5 }), (parts) => {
      assert.equal(verifies(parts.join(".")), false);
    }),
  );
});

test("only a private P-256 key will do", () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  assert.throws(() => loadEs256Key(privateKey.export({ format: "pem", type: "pkcs8" }) as string), {
    message: 'Cannot sign tokens: the key is "ec" on curve "secp384r1", ES256 needs "prime256v1"',
  });
});
