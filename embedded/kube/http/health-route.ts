import { KUBERNETES_VERSION } from "../resources/builtin-types.ts";
import type { Route } from "./handler.ts";
import { replyJson, replyText } from "./reply.ts";

const CHECKS = ["ping", "etcd"];

/** /version, /healthz, /livez, /readyz and their single checks. */
export function createHealthRoute(isReady: () => boolean): Route {
  const [major = "1", minor = "34"] = KUBERNETES_VERSION.replace("v", "").split(".");
  const version = JSON.stringify({
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion: `${KUBERNETES_VERSION}+holdfast`,
    gitCommit: "",
    gitTreeState: "clean",
    buildDate: "1970-01-01T00:00:00Z",
    goVersion: `node${process.versions.node}`,
    compiler: "gc",
    platform: `${process.platform}/${process.arch === "x64" ? "amd64" : process.arch}`,
  });
  return ({ info, response, request }) => {
    if (request.method !== "GET" && request.method !== "HEAD") return false;
    if (info.path === "/version" || info.path === "/version/") {
      replyJson(response, 200, version);
      return true;
    }
    const match = /^\/(healthz|livez|readyz)(?:\/(\w+))?$/.exec(info.path);
    if (!match) return false;
    const [, what, single] = match;
    if (single !== undefined && !CHECKS.includes(single)) return false;
    if (what === "readyz" && !isReady()) {
      replyText(response, 500, "[-]shutdown failed: the server is stopping\nreadyz check failed\n");
      return true;
    }
    const excluded = info.query.getAll("exclude");
    const lines = CHECKS.filter((c) => !excluded.includes(c)).map((c) => `[+]${c} ok\n`);
    replyText(
      response,
      200,
      info.query.has("verbose") && single === undefined ? `${lines.join("")}${what} check passed\n` : "ok",
    );
    return true;
  };
}
