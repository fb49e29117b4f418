import assert from "node:assert/strict";
import { test } from "node:test";
import { forbiddenArrow, roomOf } from "./rooms.ts";

test("a service may import runtime and domain", () => {
  assert.equal(forbiddenArrow("services/butler-controller/main.ts", "runtime/config/config.ts"), undefined);
  assert.equal(forbiddenArrow("services/butler-controller/main.ts", "domain/decision.ts"), undefined);
});

test("a service must not import another service", () => {
  assert.equal(
    forbiddenArrow("services/beacon/main.ts", "services/bridge/main.ts"),
    "services/beacon must not import services/bridge: parts of services share shapes, decisions and mechanisms, never code",
  );
});

test("a service must not import an embedded default", () => {
  assert.equal(
    forbiddenArrow("services/beacon/main.ts", "embedded/kube/create-kube.ts"),
    "services must not import embedded: it may import runtime, wire, domain, apimachinery, contracts, base",
  );
});

test("runtime must not import domain, and base imports nothing", () => {
  assert.equal(
    forbiddenArrow("runtime/kube/informer.ts", "domain/decision.ts"),
    "runtime must not import domain: it may import apimachinery, contracts, base",
  );
  assert.equal(
    forbiddenArrow("base/errors/x.ts", "contracts/butler-api/team.ts"),
    "base must not import contracts: it may import nothing",
  );
});

test("product code must not import tests or tools", () => {
  assert.equal(
    forbiddenArrow("domain/decision.ts", "tools/gen/run.ts"),
    "domain must not import tools: nothing imports tests, bench, tools",
  );
});

test("one file of the CLI may load apps/local, the others may not", () => {
  assert.equal(forbiddenArrow("apps/cli/local-commands.ts", "apps/local/up.ts"), undefined);
  assert.match(
    forbiddenArrow("apps/cli/run-cli.ts", "apps/local/up.ts") ?? "",
    /^apps\/cli must not import apps\/local/,
  );
});

test("tests may import everything", () => {
  assert.equal(roomOf("tests/conformance/kube/x.test.ts"), undefined);
  assert.equal(forbiddenArrow("tests/conformance/kube/x.test.ts", "services/beacon/main.ts"), undefined);
});
