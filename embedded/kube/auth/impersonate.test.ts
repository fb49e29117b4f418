import assert from "node:assert/strict";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { test } from "node:test";
import { StatusError } from "@holdfast/apimachinery/meta/status-error";
import { impersonate, impersonationProblem } from "./impersonate.ts";
import { BUCKETS, openMemoryKube, roleRef, user } from "./testkit/memory-kube.ts";
import type { UserInfo } from "./user.ts";

const ROOT: UserInfo = { username: "root", groups: ["system:masters", "system:authenticated"] };
const ALICE: UserInfo = { username: "alice", groups: ["system:authenticated"] };

type Headers = readonly (readonly [name: string, value: string])[];

function requestWith(headers: Headers): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.rawHeaders = headers.flat();
  return request;
}

async function act(headers: Headers, as: UserInfo = ROOT, rules: unknown[] = []): Promise<UserInfo | StatusError> {
  const kube = await openMemoryKube();
  await kube.put(BUCKETS.clusterRoles, { metadata: { name: "acting" }, rules });
  await kube.put(BUCKETS.clusterRoleBindings, {
    metadata: { name: "a" },
    subjects: [user("alice")],
    roleRef: roleRef("ClusterRole", "acting"),
  });
  try {
    return impersonate(requestWith(headers), as, kube.authorizer);
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return error;
  }
}

function refusal(outcome: UserInfo | StatusError): string {
  assert.ok(outcome instanceof StatusError);
  assert.equal(outcome.httpCode, 403);
  return outcome.status.message ?? "";
}

test("without headers, and with an empty user alone, one stays who one is", async () => {
  assert.equal(await act([["Accept", "*/*"]]), ROOT);
  assert.equal(await act([["Impersonate-User", ""]]), ROOT);
});

test("groups are completed as for who really logs in", async () => {
  const groupsFor = async (name: string, ...groups: string[]) => {
    const acting = await act([["Impersonate-User", name], ...groups.map((g) => ["Impersonate-Group", g] as const)]);
    return (acting as UserInfo).groups;
  };
  assert.deepEqual(await groupsFor("jane"), ["system:authenticated"]);
  assert.deepEqual(await groupsFor("jane", "devs"), ["devs", "system:authenticated"]);
  assert.deepEqual(await groupsFor("jane", "system:authenticated"), ["system:authenticated"]);
  assert.deepEqual(await groupsFor("jane", "system:unauthenticated"), ["system:unauthenticated"]);
  assert.deepEqual(await groupsFor("system:anonymous"), ["system:unauthenticated"]);
  assert.deepEqual(await groupsFor("system:serviceaccount:one:robot"), [
    "system:serviceaccounts",
    "system:serviceaccounts:one",
    "system:authenticated",
  ]);
  assert.deepEqual(await groupsFor("system:serviceaccount:one:robot", "devs"), ["devs", "system:authenticated"]);
});

test("uid and extras come along; keys of extras are lower case, percent-decoded and never members of a prototype", async () => {
  const acting = (await act([
    ["impersonate-user", "jane"],
    ["Impersonate-Uid", "u9"],
    ["Impersonate-Extra-Scopes", "view"],
    ["IMPERSONATE-EXTRA-SCOPES", "edit"],
    ["Impersonate-Extra-Acme.com%2Fproject", "p"],
    ["Impersonate-Extra-Bad%", "b"],
    ["Impersonate-Extra-__proto__", "x"],
  ])) as UserInfo;
  assert.equal(acting.uid, "u9");
  assert.deepEqual(Object.entries(acting.extra ?? {}), [
    ["scopes", ["view", "edit"]],
    ["acme.com/project", ["p"]],
    ["bad%", ["b"]],
    ["__proto__", ["x"]],
  ]);
});

test("each part needs its right, and the refusal says which is missing", async () => {
  const on = (resources: string[], resourceNames: string[], apiGroups = [""]) => ({
    verbs: ["impersonate"],
    apiGroups,
    resources,
    resourceNames,
  });
  const jane = ["Impersonate-User", "jane"] as const;
  assert.equal(
    refusal(await act([jane], ALICE)),
    'users "jane" is forbidden: User "alice" cannot impersonate resource "users" in API group "" at the cluster scope',
  );
  const users = on(["users"], ["jane"]);
  assert.deepEqual(await act([jane], ALICE, [users]), { username: "jane", groups: ["system:authenticated"] });
  assert.equal(
    refusal(await act([jane, ["Impersonate-Group", "devs"]], ALICE, [users])),
    'groups "devs" is forbidden: User "alice" cannot impersonate resource "groups" in API group "" at the cluster scope',
  );
  assert.equal(
    refusal(await act([jane, ["Impersonate-Extra-Scopes", "view"]], ALICE, [users])),
    'userextras.authentication.k8s.io "view" is forbidden: User "alice" cannot impersonate resource "userextras/scopes" in API group "authentication.k8s.io" at the cluster scope',
  );
  assert.equal(
    refusal(await act([jane, ["Impersonate-Uid", "u9"]], ALICE, [users])),
    'uids.authentication.k8s.io "u9" is forbidden: User "alice" cannot impersonate resource "uids" in API group "authentication.k8s.io" at the cluster scope',
  );
  assert.equal(
    refusal(await act([["Impersonate-User", "system:serviceaccount:one:robot"]], ALICE, [users])),
    'serviceaccounts "robot" is forbidden: User "alice" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "one"',
  );
  assert.equal(
    refusal(await act([["Impersonate-User", "system:serviceaccount:One:robot"]], ALICE, [users])),
    'users "system:serviceaccount:One:robot" is forbidden: User "alice" cannot impersonate resource "users" in API group "" at the cluster scope',
  );
});

test("groups, extras or a uid without a user are a mistake whose plain text lists them", async () => {
  const problem = (...headers: Headers) => impersonationProblem(headers.flat(), "/api/v1/pods?a=<b>&c");
  const head = 'Internal Server Error: "/api/v1/pods?a=&lt;b&gt;&amp;c": requested';
  assert.equal(problem(["Impersonate-Group", "devs"]), `${head} [{Group  devs    }] without impersonating a user\n`);
  assert.equal(
    problem(
      ["Impersonate-Group", "a"],
      ["Impersonate-Group", "b"],
      ["Impersonate-Extra-K", "v"],
      ["Impersonate-Uid", "u"],
    ),
    `${head} [{Group  a    } {Group  b    } {UserExtra  v  authentication.k8s.io/v1  k} {UID  u  authentication.k8s.io/v1  }] without impersonating a user\n`,
  );
  assert.equal(problem(["Impersonate-User", "jane"], ["Impersonate-Group", "devs"]), undefined);
  assert.equal(problem(["Impersonate-User", ""]), undefined);
  assert.equal(problem(["Accept", "*/*"]), undefined);
  const outcome = await act([["Impersonate-Group", "devs"]]);
  assert.equal((outcome as StatusError).httpCode, 500);
});
