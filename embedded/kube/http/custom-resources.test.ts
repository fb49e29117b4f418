import assert from "node:assert/strict";
import { request } from "node:https";
import { after, before, test } from "node:test";
import { createKube, type Kube } from "../create-kube.ts";

let kube: Kube;

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly type?: string;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: Record<string, unknown>;
  readonly warning: string | undefined;
}

function send({ method, path, body, type = "application/json" }: Sent): Promise<Answer> {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const options = {
      method,
      ca: kube.caCert,
      ...kube.admin,
      agent: false as const,
      headers: { "content-type": type, "content-length": Buffer.byteLength(text), "user-agent": "tester/1.0" },
    };
    const sent = request(`${kube.server}${path}`, options, (response) => {
      let got = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        got += chunk;
      });
      response.on("end", () => {
        const json = got.startsWith("{") ? (JSON.parse(got) as Record<string, unknown>) : {};
        const { warning } = response.headers;
        resolve({ status: response.statusCode ?? 0, text: got, json, warning });
      });
    });
    sent.on("error", reject);
    sent.end(text);
  });
}

const JARS = "/apis/shelf.example.com/v1/namespaces/default/jars";

before(async () => {
  kube = await createKube({ controllers: false });
  const schema = {
    openAPIV3Schema: {
      type: "object",
      properties: { spec: { type: "object", properties: { fill: { type: "string" }, old: { type: "string" } } } },
    },
  };
  const newer = {
    openAPIV3Schema: {
      type: "object",
      properties: { spec: { type: "object", properties: { fill: { type: "string" } } } },
    },
  };
  const defined = await send({
    method: "POST",
    path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    body: {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "jars.shelf.example.com" },
      spec: {
        group: "shelf.example.com",
        scope: "Namespaced",
        names: { plural: "jars", kind: "Jar" },
        versions: [
          { name: "v1alpha1", served: true, storage: false, deprecated: true, schema: newer },
          { name: "v1", served: true, storage: true, schema },
        ],
      },
    },
  });
  assert.equal(defined.status, 201, defined.text);
  for (let i = 0; i < 200 && (await send({ method: "GET", path: JARS })).status !== 200; i++);
  const body = {
    apiVersion: "shelf.example.com/v1",
    kind: "Jar",
    metadata: { name: "a" },
    spec: { fill: "plum", old: "x" },
  };
  assert.equal((await send({ method: "POST", path: JARS, body })).status, 201);
});

after(() => kube.stop());

test("a body without a kind is shown with its first 30 bytes", async () => {
  const { status, json } = await send({
    method: "POST",
    path: JARS,
    body: '{"metadata":{"name":"no-kind-at-all-here"}}',
  });
  assert.equal(status, 400);
  assert.equal(
    json["message"],
    `the object provided is unrecognized (must be of type Jar): Object 'Kind' is missing in '{"metadata":{"name":"no-kind-at-all-here"}}' ({"metadata":{"name":"no-kind-a ...)`,
  );
});

test("a PUT without a version names the resource", async () => {
  const body = { apiVersion: "shelf.example.com/v1", kind: "Jar", metadata: { name: "a" } };
  const { status, json } = await send({ method: "PUT", path: `${JARS}/a`, body });
  assert.equal(status, 422);
  assert.equal(
    json["message"],
    'jars.shelf.example.com "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
  );
});

test("a PUT with a version that is no number is a 500 without a reason", async () => {
  const body = { apiVersion: "shelf.example.com/v1", kind: "Jar", metadata: { name: "a", resourceVersion: "abc" } };
  const { status, json } = await send({ method: "PUT", path: `${JARS}/a`, body });
  assert.deepEqual(
    [status, json["message"], json["reason"]],
    [500, 'strconv.ParseUint: parsing "abc": invalid syntax', undefined],
  );
});

test("another version shows no field that its schema lacks, and warns when it is deprecated", async () => {
  const { json, warning } = await send({
    method: "GET",
    path: "/apis/shelf.example.com/v1alpha1/namespaces/default/jars/a",
  });
  assert.deepEqual(json["spec"], { fill: "plum" });
  assert.equal(warning, '299 - "shelf.example.com/v1alpha1 Jar is deprecated; use shelf.example.com/v1 Jar"');
});

test("malformed patches are told apart from patches that do not apply", async () => {
  const merge = { method: "PATCH", path: `${JARS}/a`, type: "application/merge-patch+json" };
  assert.equal((await send({ ...merge, body: "{" })).json["message"], "invalid JSON patch");
  assert.equal(
    (await send({ ...merge, body: "[]" })).json["message"],
    "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
  );
});

test("paths that no custom resource has are plain 404s", async () => {
  for (const path of [
    "/apis/shelf.example.com/v9/jars",
    "/apis/shelf.example.com/v1/jars/a",
    "/apis/shelf.example.com/v1/lids",
  ]) {
    const { status, text } = await send({ method: "GET", path });
    assert.deepEqual([status, text], [404, "404 page not found\n"], path);
  }
});

test("a body nested too deep and keys named like prototypes are answered, not thrown over", async () => {
  const deep = `{"apiVersion":"shelf.example.com/v1","kind":"Jar","metadata":{"name":"d"},"spec":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
  assert.equal((await send({ method: "POST", path: JARS, body: deep })).status, 400);
  const sneaky =
    '{"apiVersion":"shelf.example.com/v1","kind":"Jar","metadata":{"name":"p","labels":{"x":"1"}},"__proto__":{"polluted":1}}';
  assert.equal((await send({ method: "POST", path: JARS, body: sneaky })).status, 201);
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
});

test("a body beyond the limit is refused by its announced length", async () => {
  const { status, json } = await send({ method: "POST", path: JARS, body: " ".repeat(3 * 1024 * 1024 + 1) });
  assert.deepEqual([status, json["reason"]], [413, "RequestEntityTooLarge"]);
});

test("a version that only a conversion webhook could make is refused; the stored one is served", async () => {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "lids.shelf.example.com" },
    spec: {
      group: "shelf.example.com",
      scope: "Namespaced",
      names: { plural: "lids", kind: "Lid" },
      versions: [
        { name: "v1", served: true, storage: true, schema },
        { name: "v2", served: true, storage: false, schema },
      ],
      conversion: {
        strategy: "Webhook",
        webhook: { conversionReviewVersions: ["v1"], clientConfig: { url: "https://127.0.0.1:1/" } },
      },
    },
  };
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  assert.equal((await send({ method: "POST", path: definitions, body: definition })).status, 201);
  const at = (version: string) => `/apis/shelf.example.com/${version}/namespaces/default/lids`;
  for (let i = 0; i < 200 && (await send({ method: "GET", path: at("v1") })).status !== 200; i++);
  const lid = (version: string) => ({
    apiVersion: `shelf.example.com/${version}`,
    kind: "Lid",
    metadata: { name: "l" },
  });
  assert.equal((await send({ method: "POST", path: at("v1"), body: lid("v1") })).status, 201);
  assert.equal((await send({ method: "GET", path: `${at("v1")}/l` })).status, 200);
  const wanted =
    "Internal error occurred: conversion webhook for shelf.example.com/v1, Kind=Lid failed: this server calls no conversion webhooks, so it cannot make shelf.example.com/v2 of it; use version v1";
  for (const request of [
    { method: "GET", path: `${at("v2")}/l` },
    { method: "GET", path: at("v2") },
    { method: "GET", path: `${at("v2")}?watch=true` },
    { method: "POST", path: at("v2"), body: lid("v2") },
    { method: "DELETE", path: `${at("v2")}/l` },
  ]) {
    const { status, json } = await send(request);
    assert.deepEqual([status, json["message"]], [500, wanted], `${request.method} ${request.path}`);
  }

  const [first, second] = definition.spec.versions as [object, object];
  const moved = {
    versions: [
      { ...first, storage: false },
      { ...second, storage: true },
    ],
  };
  const merge = {
    method: "PATCH",
    path: `${definitions}/lids.shelf.example.com`,
    type: "application/merge-patch+json",
  };
  assert.equal((await send({ ...merge, body: { spec: moved } })).status, 200);
  for (let i = 0; i < 200 && (await send({ method: "GET", path: `${at("v1")}/l` })).status !== 500; i++);
  assert.equal((await send({ method: "GET", path: `${at("v2")}/l` })).status, 500, "stored as v1 still");
});

test("the address of the server is told by the server, not by the Host header of whoever asked first", async () => {
  const versions = (host: string) =>
    new Promise<string>((resolve, reject) => {
      const options = { ...kube.admin, rejectUnauthorized: false, agent: false as const, headers: { host } };
      const sent = request(`${kube.server}/api`, options, async (response) => {
        let text = "";
        for await (const chunk of response) text += String(chunk);
        resolve(text);
      });
      sent.on("error", reject);
      sent.end();
    });
  const own = new URL(kube.server).host;
  for (const host of ["evil.example.com", own]) {
    const { serverAddressByClientCIDRs } = JSON.parse(await versions(host)) as Record<string, unknown>;
    assert.deepEqual(serverAddressByClientCIDRs, [{ clientCIDR: "0.0.0.0/0", serverAddress: own }], host);
  }
});
