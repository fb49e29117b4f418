import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BUTLER_CRDS } from "@holdfast/contracts/butler-api/crds";
import { parse } from "yaml";
import { generateButlerCrds } from "./butler-crds.ts";

const ROOT = join(import.meta.dirname, "../..");

test("generateButlerCrds() makes a YAML file and a page for each of the 18 kinds", () => {
  const paths = [...generateButlerCrds().keys()];
  assert.equal(paths.length, 36);
  assert.ok(paths.includes("charts/butler-crds/crds/butler.butlerlabs.dev_teams.yaml"));
  assert.ok(paths.includes("docs/reference/crds/ip-allocation.md"));
  assert.ok(paths.includes("docs/reference/crds/tenant-cluster.md"));
});

test("the generated YAML reads back as the very CRD", () => {
  const files = generateButlerCrds();
  for (const crd of BUTLER_CRDS) {
    const text = files.get(`charts/butler-crds/crds/butler.butlerlabs.dev_${crd.spec.names.plural}.yaml`);
    assert.deepEqual(parse(text ?? ""), JSON.parse(JSON.stringify(crd)));
    assert.doesNotMatch(text ?? "", /[&*]a\d+\b/);
  }
});

test("the files in the repository are the generated ones", () => {
  for (const [path, text] of generateButlerCrds()) {
    assert.equal(readFileSync(join(ROOT, path), "utf8"), text, `${path} is stale: run npm run gen`);
  }
});

test("the page of NetworkPool names a field's type, bounds, default and meaning in one row", () => {
  const page = generateButlerCrds().get("docs/reference/crds/network-pool.md") ?? "";
  assert.ok(
    page.includes(
      "| `spec.tenantAllocation.defaults.nodesPerTenant` | integer | Addresses for nodes. Default `5`. At least 1. |",
    ),
  );
  assert.ok(
    page.includes(
      "| `spec.tenantAllocation.ranges[].start` | string **required** | First IPv4 address of the range. |",
    ),
  );
});
