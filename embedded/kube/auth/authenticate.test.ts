import assert from "node:assert/strict";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { test } from "node:test";
import { bearerToken, createAuthenticator, staticTokens } from "./authenticate.ts";
import { ANONYMOUS } from "./user.ts";

function requestWith(headers: Record<string, string>): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  Object.assign(request.headers, headers);
  return request;
}

test("a bearer token is what stands between the first two spaces; anything else is no credential", () => {
  const table: [header: string, token: string | undefined][] = [
    ["Bearer abc", "abc"],
    ["bearer abc", "abc"],
    ["BEARER abc ", "abc"],
    ["Bearer abc def", "abc"],
    ["Bearer  abc", undefined],
    ["Bearer", undefined],
    ["Bearer ", undefined],
    ["Basic YTpi", undefined],
    ["", undefined],
  ];
  for (const [authorization, token] of table)
    assert.equal(bearerToken(requestWith({ authorization })), token, authorization);
  assert.equal(bearerToken(requestWith({})), undefined);
});

test("a websocket may carry its token as a subprotocol", () => {
  const protocol = `v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.${Buffer.from("abc").toString("base64url")}`;
  assert.equal(bearerToken(requestWith({ "sec-websocket-protocol": protocol })), "abc");
});

test("a token file gives users with uid and groups, and passes over comments", async () => {
  const tokens = staticTokens('# who\n\nadmin-token,admin,u1,"system:masters,ops"\nbob-token,bob,\n"odd,token",o,u3\n');
  assert.deepEqual(tokens("admin-token"), { username: "admin", uid: "u1", groups: ["system:masters", "ops"] });
  assert.deepEqual(tokens("bob-token"), { username: "bob", groups: [] });
  assert.deepEqual(tokens("odd,token"), { username: "o", uid: "u3", groups: [] });
  assert.equal(tokens("bob"), undefined);
  assert.equal(tokens(""), undefined);
});

test("a broken line of a token file is named without its token", () => {
  assert.throws(() => staticTokens("good,a,b\nsecret-token,a\n"), {
    name: "TypeError",
    message: 'Cannot read the token file: line 2 needs token,user,uid and optionally "group1,group2"',
  });
});

test("no credential is anonymous, a known one authenticated, an unknown one nobody", async () => {
  const authenticator = createAuthenticator([
    staticTokens("t,alice,u2"),
    staticTokens('s,sys,u3,"system:authenticated"'),
  ]);
  assert.deepEqual(await authenticator.authenticate(requestWith({})), ANONYMOUS);
  assert.deepEqual(await authenticator.authenticate(requestWith({ authorization: "Basic YTpi" })), ANONYMOUS);
  assert.deepEqual(await authenticator.authenticate(requestWith({ authorization: "Bearer t" })), {
    username: "alice",
    uid: "u2",
    groups: ["system:authenticated"],
  });
  assert.deepEqual((await authenticator.authenticate(requestWith({ authorization: "Bearer s" })))?.groups, [
    "system:authenticated",
  ]);
  assert.equal(await authenticator.authenticate(requestWith({ authorization: "Bearer x" })), undefined);
});
