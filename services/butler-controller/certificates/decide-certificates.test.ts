import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AUTHORITY_LIFE_MS,
  type CertificateState,
  decideCertificates,
  LEAF_LIFE_MS,
  SPREAD_MS,
} from "./decide-certificates.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 0, 1);
const fresh: CertificateState = {
  authority: { notBefore: NOW, notAfter: NOW + AUTHORITY_LIFE_MS },
  other: undefined,
  leaf: { notBefore: NOW, notAfter: NOW + LEAF_LIFE_MS },
  namesMatch: true,
};

test("without certificates some are created, fresh ones are kept for a day at most", () => {
  assert.deepEqual(decideCertificates(undefined, NOW), { step: "create" });
  assert.deepEqual(decideCertificates(fresh, NOW), { step: "keep", nextLookMs: DAY });
});

test("a leaf is renewed 30 days before its end, one with other names at once", () => {
  assert.equal(decideCertificates(fresh, NOW + 59 * DAY).step, "keep");
  assert.equal(decideCertificates(fresh, NOW + 60 * DAY + 1).step, "renew-leaf");
  assert.equal(decideCertificates({ ...fresh, namesMatch: false }, NOW).step, "renew-leaf");
});

test("an authority is announced before it signs, and the old one leaves after the new leaf has spread", () => {
  const at = NOW + 266 * DAY;
  const leaf = { notBefore: at, notAfter: at + LEAF_LIFE_MS };
  assert.equal(decideCertificates({ ...fresh, leaf }, at).step, "announce-authority");
  const announced: CertificateState = { ...fresh, leaf, other: { role: "next", since: at } };
  assert.equal(decideCertificates(announced, at + SPREAD_MS - 1).step, "keep");
  assert.equal(decideCertificates(announced, at + SPREAD_MS).step, "switch-authority");
  const switched: CertificateState = {
    ...fresh,
    leaf,
    authority: { notBefore: at, notAfter: at + AUTHORITY_LIFE_MS },
    other: { role: "previous", since: at },
  };
  assert.equal(decideCertificates(switched, at + SPREAD_MS - 1).step, "keep");
  assert.equal(decideCertificates(switched, at + SPREAD_MS).step, "drop-authority");
});

test("an authority that is over is replaced with everything it signed", () => {
  assert.deepEqual(decideCertificates(fresh, NOW + AUTHORITY_LIFE_MS), { step: "create" });
});

test("the next look is when a step falls due, not later", () => {
  const announced: CertificateState = { ...fresh, other: { role: "next", since: NOW } };
  assert.deepEqual(decideCertificates(announced, NOW + SPREAD_MS - 5000), { step: "keep", nextLookMs: 5000 });
});
