import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldErrorText } from "../../../meta/field-error.ts";
import { contains, parseAddress, parseNetwork, reachableRule } from "../rules/ip-rules.ts";
import { created, createProblems, part, updateProblems } from "../testkit/judge.ts";

const INGRESS = "networking/v1.Ingress";
const BACKEND = { service: { name: "web", port: { number: 80 } } };

test("an ingress: what is refused", () => {
  assert.deepEqual(createProblems(INGRESS, {}), [
    "spec: Invalid value: null: either `defaultBackend` or `rules` must be specified",
  ]);
  const paths = [
    { path: "rel", pathType: "Prefix", backend: {} },
    { backend: BACKEND },
    { path: "/a//b", pathType: "Exact", backend: BACKEND },
    { path: "/", pathType: "Strange", backend: BACKEND },
  ];
  assert.deepEqual(createProblems(INGRESS, { spec: { rules: [{ host: "10.0.0.1", http: { paths } }] } }), [
    'spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
    'spec.rules[0].http.paths[0].path: Invalid value: "rel": must be an absolute path',
    'spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required',
    "spec.rules[0].http.paths[1].pathType: Required value: pathType must be specified",
    "spec.rules[0].http.paths[2].path: Invalid value: \"/a//b\": must not contain '//'",
    'spec.rules[0].http.paths[3].pathType: Unsupported value: "Strange": supported values: "Exact", "ImplementationSpecific", "Prefix"',
  ]);
});

test("an ingress class keeps its controller", () => {
  const CLASS = "networking/v1.IngressClass";
  const old = created(CLASS, { spec: { controller: "example.com/ctl", parameters: { kind: "P", name: "p" } } });
  assert.deepEqual(part(old, "spec")["parameters"], { kind: "P", name: "p", scope: "Cluster" });
  assert.deepEqual(
    updateProblems(CLASS, old, (next) => {
      part(next, "spec")["controller"] = "example.com/other";
    }),
    ['spec.controller: Invalid value: "example.com/other": field is immutable'],
  );
});

test("a network policy is filled up and judged", () => {
  const POLICY = "networking/v1.NetworkPolicy";
  assert.deepEqual(part(created(POLICY, { spec: { egress: [{ ports: [{ port: 53 }] }] } }), "spec"), {
    podSelector: {},
    egress: [{ ports: [{ port: 53, protocol: "TCP" }] }],
    policyTypes: ["Ingress", "Egress"],
  });
  const from = [{}, { podSelector: {}, ipBlock: { cidr: "10.0.0.0/8", except: ["192.168.0.0/16"] } }];
  assert.deepEqual(createProblems(POLICY, { spec: { ingress: [{ from, ports: [{ port: 0 }] }] } }), [
    "spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
    "spec.ingress[0].from[0]: Required value: must specify a peer",
    'spec.ingress[0].from[1].ipBlock.except[0]: Invalid value: "192.168.0.0/16": must be a strict subset of `cidr`',
    "spec.ingress[0].from[1]: Forbidden: may not specify both ipBlock and another peer",
  ]);
});

test("endpoint slices hold addresses of one kind", () => {
  const SLICE = "discovery/v1.EndpointSlice";
  assert.deepEqual(createProblems(SLICE, { addressType: "IPv4", endpoints: [{ addresses: ["::1"] }, {}] }), [
    'endpoints[0].addresses: Invalid value: "::1": must be an IPv4 address',
    'endpoints[0].addresses[0]: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    "endpoints[1].addresses: Required value: must contain at least 1 address",
  ]);
  assert.deepEqual(createProblems(SLICE, { addressType: "Pigeon" }), [
    'addressType: Unsupported value: "Pigeon": supported values: "FQDN", "IPv4", "IPv6"',
  ]);
});

test("addresses and networks", () => {
  assert.deepEqual(parseAddress("10.96.0.1"), { family: "IPv4", value: 0x0a600001n });
  assert.deepEqual(parseAddress("2001:db8::1"), { family: "IPv6", value: 0x20010db8000000000000000000000001n });
  assert.deepEqual(parseAddress("::ffff:1.2.3.4"), { family: "IPv4", value: 0x01020304n });
  for (const bad of ["", "1.2.3", "1.2.3.256", "1::2::3", "1:2:3:4:5:6:7", ":1", "g::", "1.2.3.4:80"]) {
    assert.equal(parseAddress(bad), undefined, bad);
  }
  assert.equal(parseNetwork("10.0.0.0/33"), undefined);
  const network = parseNetwork("10.1.2.3/16");
  assert.ok(network !== undefined);
  assert.equal(contains(network, parseAddress("10.1.255.255") as { family: "IPv4"; value: bigint }), true);
  assert.equal(contains(network, parseAddress("10.2.0.0") as { family: "IPv4"; value: bigint }), false);
  const errors: Parameters<typeof reachableRule>[0] = [];
  reachableRule(errors, "fe80::1", "ip");
  assert.deepEqual(errors.map(fieldErrorText), [
    'ip: Invalid value: "fe80::1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
  ]);
});
