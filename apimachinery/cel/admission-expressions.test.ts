import assert from "node:assert/strict";
import { test } from "node:test";
import { type AdmissionBindings, type AdmissionOptions, compileAdmissionExpression } from "./admission-expressions.ts";
import type { AskedAttributes } from "./libraries/authorizer-library.ts";

const REQUEST = {
  operation: "CREATE",
  namespace: "team-a",
  name: "pod",
  resource: { group: "apps", version: "v1", resource: "deployments" },
  subResource: "scale",
  userInfo: { username: "system:serviceaccount:kube-system:x", groups: ["a"] },
};

function run(text: string, bindings: Partial<AdmissionBindings> = {}, options: AdmissionOptions = {}): unknown {
  const compiled = compileAdmissionExpression(text, options);
  if ("error" in compiled) return compiled;
  return compiled.program.evaluate({ object: null, oldObject: null, request: REQUEST, ...bindings });
}

test("expressions see the object, what it replaces, and the request", () => {
  assert.deepEqual(run("!has(object.data) || size(object.data) < 3", { object: { data: { a: "", b: "", c: "" } } }), {
    value: false,
  });
  assert.deepEqual(run("'too many keys: ' + string(size(object.data))", { object: { data: { a: "" } } }), {
    value: "too many keys: 1",
  });
  assert.deepEqual(run("oldObject == null && request.operation == 'CREATE' && request.namespace == 'team-a'"), {
    value: true,
  });
  assert.deepEqual(run("request.userInfo.username.startsWith('system:') && 'a' in request.userInfo.groups"), {
    value: true,
  });
});

test("an error is its text, as is a key that is not there", () => {
  assert.deepEqual(run("object.metadata.name == 'x'", { object: {} }), { error: "no such key: metadata" });
  assert.deepEqual(run("request.nothing == 1"), {
    error: "ERROR: <input>:1:8: undefined field 'nothing'\n | request.nothing == 1\n | .......^",
  });
});

test("an expression that does not compile is told as the server answers it", () => {
  assert.deepEqual(run("object.metadata.name +"), {
    error:
      "ERROR: <input>:1:23: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | object.metadata.name +\n | ......................^",
  });
});

test("the authorizer is asked what the expression puts together", () => {
  const asked: AskedAttributes[] = [];
  const authorize = (question: AskedAttributes): { allowed: boolean; reason: string } => {
    asked.push(question);
    return { allowed: question.verb === "get", reason: "because" };
  };
  const check =
    "authorizer.group('apps').resource('deployments').subresource('status').namespace('n').name('d').check('get')";
  assert.deepEqual(run(`${check}.allowed() && ${check}.reason() == 'because'`, { authorize }), { value: true });
  assert.deepEqual(asked[0], {
    group: "apps",
    version: "*",
    resource: "deployments",
    subresource: "status",
    namespace: "n",
    name: "d",
    verb: "get",
  });
  assert.deepEqual(run("authorizer.path('/healthz').check('post').allowed()", { authorize }), { value: false });
  assert.equal(asked[2]?.path, "/healthz");
  assert.deepEqual(run("authorizer.serviceAccount('ns', 'sa').requestResource", { authorize }), {
    error:
      "ERROR: <input>:1:38: type 'kubernetes.authorization.Authorizer' does not support field selection\n | authorizer.serviceAccount('ns', 'sa').requestResource\n | .....................................^",
  });
  run("authorizer.serviceAccount('ns', 'sa').group('').resource('pods').check('list').allowed()", { authorize });
  assert.equal(asked[3]?.user?.username, "system:serviceaccount:ns:sa");
  run("authorizer.requestResource.check('update').allowed()", { authorize });
  assert.deepEqual(asked[4], {
    group: "apps",
    version: "v1",
    resource: "deployments",
    subresource: "scale",
    namespace: "team-a",
    name: "pod",
    verb: "update",
  });
  assert.deepEqual(run("authorizer.path(' ').check('get').allowed()", { authorize }), {
    error: "path must not be empty",
  });
});

test("only a few questions may be asked in one expression", () => {
  const check = "authorizer.path('/x').check('get').allowed()";
  assert.deepEqual(run(`${check} || ${check} || ${check}`, { authorize: () => ({ allowed: false, reason: "" }) }), {
    error: "operation cancelled: actual cost limit exceeded",
  });
});

test("params, the namespace and variables can be read; variables that are not declared do not compile", () => {
  assert.deepEqual(
    run("params.max > 3 && namespaceObject.metadata.labels.env == 'prod'", {
      params: { max: 5 },
      namespaceObject: { metadata: { labels: { env: "prod" } } },
    }),
    { value: true },
  );
  assert.deepEqual(run("variables.n + 1", { variables: { n: 2 } }, { variables: ["n"] }), { value: 3 });
  assert.deepEqual(run("variables.m + 1", {}, { variables: ["n"] }), {
    error: "ERROR: <input>:1:10: undefined field 'm'\n | variables.m + 1\n | .........^",
  });
});

test("the type of the result is known before anything runs", () => {
  const typeOf = (text: string): string => {
    const compiled = compileAdmissionExpression(text);
    return "error" in compiled ? compiled.error : compiled.program.resultType;
  };
  assert.deepEqual(["true", "'a'", "object", "[1]"].map(typeOf), ["bool", "string", "dyn", "list"]);
});
