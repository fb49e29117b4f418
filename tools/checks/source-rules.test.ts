import assert from "node:assert/strict";
import { test } from "node:test";
import { environmentProblems, sizeWarnings, sourceProblems, textProblems } from "./source-rules.ts";

test("a junk-drawer name is refused", () => {
  assert.deepEqual(sourceProblems({ path: "runtime/utils.ts", text: "" }), [
    "runtime/utils.ts: the name says nothing about the content; name it for the thing it holds",
  ]);
});

test("a file of 501 lines is refused, one of 500 is not, and 301 is warned of", () => {
  const lines = (n: number) => "x\n".repeat(n - 1);
  assert.equal(sourceProblems({ path: "runtime/a.ts", text: lines(500) }).length, 0);
  assert.deepEqual(sourceProblems({ path: "runtime/a.ts", text: lines(501) }), [
    "runtime/a.ts: 501 lines, at most 500 are allowed; split it, or list it in LONG_FILES with a reason",
  ]);
  assert.deepEqual(sizeWarnings({ path: "runtime/a.ts", text: lines(301) }), [
    "runtime/a.ts: 301 lines, more than 300",
  ]);
});

test("a pure room must not read the clock or import node modules", () => {
  assert.deepEqual(
    sourceProblems({ path: "domain/a.ts", text: 'import { x } from "node:fs";\nconst t = Date.now();\n' }),
    [
      "domain/a.ts:1: domain runs in a browser too and must not import node:fs",
      "domain/a.ts:2: a pure place must not touch the clock: time is an argument",
    ],
  );
});

test("a decision in a service is pure too", () => {
  assert.deepEqual(sourceProblems({ path: "services/beacon/decide.ts", text: "const t = Math.random();\n" }), [
    "services/beacon/decide.ts:1: a pure place must not touch randomness: it is an argument",
  ]);
});

test("only main.ts reads the environment", () => {
  assert.deepEqual(environmentProblems({ path: "services/beacon/relay.ts", text: "process.env.X" }), [
    "services/beacon/relay.ts: only main.ts reads process.env and process.argv",
  ]);
  assert.deepEqual(environmentProblems({ path: "services/beacon/main.ts", text: "process.env.X" }), []);
});

test("a path of one machine and a registry host are found", () => {
  const home = ["", "root", "x"].join("/");
  assert.deepEqual(textProblems({ path: "a.md", text: `see ${home}` }), ["a.md:1: a path of one machine"]);
  const url = ["https:", "", "registry.example", "a.tgz"].join("/");
  assert.deepEqual(textProblems({ path: "package-lock.json", text: `"resolved": "${url}"` }), [
    "package-lock.json:1: the lockfile names the host of a registry",
  ]);
});
