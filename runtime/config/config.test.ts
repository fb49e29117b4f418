import assert from "node:assert/strict";
import { test } from "node:test";
import { configFileOf, parseConfig } from "./config.ts";
import { configErrors } from "./errors.ts";
import { address, choice, duration, integer, list, secretFile, text, toggle } from "./field.ts";
import { printConfig, printHelp } from "./print-config.ts";

const SCHEMA = {
  name: text({ doc: "The name.", default: "none", env: "T_NAME" }),
  count: integer({ doc: "How many.", default: 3, min: 1, max: 9, env: "T_COUNT" }),
  wait: duration({ doc: "How long.", default: 10_000, maxMs: 3_600_000 }),
  bind: address({ doc: "Where.", default: { host: "127.0.0.1", port: 80 } }),
  mode: choice({ doc: "Which.", values: ["a", "b"], default: "a" }),
  loud: toggle({ doc: "Loud.", default: false }),
  tags: list({ doc: "Tags.", default: [] }),
  keyFile: secretFile({ doc: "The key.", default: "" }),
} as const;
const parse = (argv: string[], env: Record<string, string> = {}, file?: unknown) =>
  parseConfig("svc", SCHEMA, { argv, env, file });
const problemsOf = (run: () => unknown): string[] => {
  try {
    run();
  } catch (error) {
    assert.ok(configErrors.owns(error));
    return error.details["problems"] as string[];
  }
  throw new Error("nothing was wrong");
};

test("defaults give way to the file, the file to the environment, the environment to flags", () => {
  assert.equal(parse([]).config.name, "none");
  assert.equal(parse([], {}, { name: "file" }).config.name, "file");
  assert.equal(parse([], { T_NAME: "env" }, { name: "file" }).config.name, "env");
  const all = parse(["--name=flag"], { T_NAME: "env" }, { name: "file" });
  assert.equal(all.config.name, "flag");
  assert.equal(all.origins.name, "flag");
  assert.equal(all.origins.count, "default");
});

test("values are read in every form", () => {
  const { config } = parse(["--count", "5", "--wait=1m30s", "--bind=[::1]:9", "--mode=b", "--loud", "--tags=x, y"]);
  assert.deepEqual(
    { ...config },
    {
      name: "none",
      count: 5,
      wait: 90_000,
      bind: { host: "::1", port: 9 },
      mode: "b",
      loud: true,
      tags: ["x", "y"],
      keyFile: "",
    },
  );
  assert.equal(parse(["--loud", "false"]).config.loud, false);
  assert.equal(parse(["--bind=0"]).config.bind, "off");
  assert.deepEqual(parse(["--bind=:8080"]).config.bind, { host: "", port: 8080 });
});

test("every problem is reported at once, unknown names with the nearest known one", () => {
  assert.deepEqual(
    problemsOf(() => parse(["--cuont=2", "--wait=soon", "stray"], { T_COUNT: "12" }, { nmae: 1, mode: "c" })),
    [
      'file key "nmae" is not known; did you mean name?',
      'file key mode must be one of a, b, is "c"',
      "environment T_COUNT must be from 1 to 9, is 12",
      "flag --cuont is not known; did you mean --count?",
      'flag --wait must be a duration such as 10s or 1h30m, is "soon"',
      'argument "stray" is not a flag',
    ],
  );
});

test("a required value that is missing is named with its meaning", () => {
  const schema = { token: text({ doc: "What to say.", env: "T_TOKEN" }) };
  assert.deepEqual(
    problemsOf(() => parseConfig("svc", schema, { argv: [], env: {} })),
    ["--token is required (or environment T_TOKEN): What to say."],
  );
});

test("a flag without its value is a problem, not a guess", () => {
  assert.deepEqual(
    problemsOf(() => parse(["--count"])),
    ["flag --count needs a value (N)"],
  );
});

test("the result cannot be changed, and the parser's own flags are seen", () => {
  const parsed = parse(["--check-config", "--config", "f.yaml"]);
  assert.equal(parsed.wants.checkConfig, true);
  assert.throws(() => {
    (parsed.config as { name: string }).name = "x";
  }, TypeError);
  assert.equal(configFileOf(["--config", "f.yaml"]), "f.yaml");
  assert.equal(configFileOf(["--config=g.yaml"]), "g.yaml");
});

test("print-config shows values with their origin, help shows flag, default and environment", () => {
  const lines = printConfig(SCHEMA, parse(["--wait=1h"])).split("\n");
  assert.equal(lines[0], 'name:    "none"         # default');
  assert.equal(lines[2], 'wait:    "1h"           # flag');
  assert.match(printHelp("svc", "does things", SCHEMA), /--count N\n {6}How many\. \(default 3, environment T_COUNT\)/);
});

test("a file that is no object is refused", () => {
  assert.deepEqual(
    problemsOf(() => parse([], {}, ["x"])),
    ["the configuration file must hold one object"],
  );
});
