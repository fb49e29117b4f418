import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { createCertificateAuthority, isPair, issueCertificate, validityOf } from "./certificate-authority.ts";

const from = new Date("2026-01-01T00:00:00Z");
const to = new Date("2027-01-01T00:00:00Z");

test("a leaf verifies against its authority, carries its names, and its key belongs to it", async () => {
  const authority = await createCertificateAuthority("an authority", from, to);
  const leaf = await issueCertificate(authority, {
    commonName: "a, leaf",
    organizations: ["system:masters", "two"],
    dnsNames: ["a.example.com"],
    ipAddresses: ["127.0.0.1", "::1"],
    uses: ["server", "client"],
    notBefore: from,
    notAfter: to,
  });
  const certificate = new X509Certificate(leaf.cert);
  assert.equal(certificate.verify(new X509Certificate(authority.cert).publicKey), true);
  assert.equal(certificate.subject, "CN=a\\, leaf\nO=system:masters\nO=two");
  assert.equal(certificate.subjectAltName, "DNS:a.example.com, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1");
  assert.equal(certificate.ca, false);
  assert.equal(new X509Certificate(authority.cert).ca, true);
  assert.equal(isPair(leaf), true);
  assert.equal(isPair({ cert: leaf.cert, key: authority.key }), false);
  assert.deepEqual(validityOf(leaf.cert), { notBefore: from, notAfter: to });
});

test("a leaf with the authority's own name is refused: verifiers would take it for self-signed", async () => {
  const authority = await createCertificateAuthority("same", from, to);
  await assert.rejects(
    issueCertificate(authority, { commonName: "same", uses: ["server"], notBefore: from, notAfter: to }),
    {
      message: 'Cannot issue a certificate named "same": the authority has that name',
    },
  );
});

test("what is no certificate has no validity and is no pair", () => {
  assert.equal(validityOf("nonsense"), undefined);
  assert.equal(isPair({ cert: "nonsense", key: "nonsense" }), false);
});
