import { pipeline } from "node:stream/promises";
import { type FieldError, invalid } from "@holdfast/apimachinery/meta/field-error";
import { badRequest, invalidObject } from "@holdfast/apimachinery/meta/status-error";
import type { FindPodRunner, LogOptions } from "@holdfast/runtime/kube/pod-runner";
import type { Exchange } from "../http/handler.ts";
import { isTrue } from "../http/request-info.ts";
import type { Store } from "../store/object-store.ts";
import { chooseContainer, containerRef, findPod, runnerOf } from "./pod-target.ts";

/** GET pods/NAME/log: the text of a container's log, as it comes when followed. */
export async function serveLog(
  parts: { readonly store: Store; readonly find: FindPodRunner; readonly now: () => number },
  exchange: Exchange,
  onEnd: (end: () => void) => () => void,
): Promise<void> {
  const { info, response } = exchange;
  const target = findPod(parts.store, info.namespace, info.name);
  const options = logOptions(info.query, info.name, parts.now());
  const container = chooseContainer(target, info.query.get("container") ?? "");
  if ((target.spec.nodeName ?? "") === "") {
    // Nothing has run yet, so there is nothing to tell.
    response.writeHead(204).end();
    return;
  }
  const runner = runnerOf(parts.store, parts.find, target);
  const gone = new AbortController();
  const forget = onEnd(() => gone.abort());
  response.on("close", () => gone.abort());
  try {
    const log = await runner.logs(containerRef(target, container), options, gone.signal);
    response.writeHead(200, { "content-type": "text/plain", "cache-control": "no-cache, private" });
    response.flushHeaders();
    await pipeline(log, response, { signal: gone.signal }).catch((error: Error) => {
      // The client has left, or the server ends: both are how a followed log is over.
      if (!gone.signal.aborted) throw error;
      response.end();
    });
  } finally {
    forget();
  }
}

/** @throws StatusError 422 with every problem, in the order of the original */
export function logOptions(query: URLSearchParams, pod: string, now: number): LogOptions {
  const number = (name: string) => {
    const text = query.get(name);
    if (text === null || text === "") return undefined;
    if (!/^[+-]?\d{1,18}$/.test(text))
      throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
    return Number(text);
  };
  const [tailLines, limitBytes, sinceSeconds] = [number("tailLines"), number("limitBytes"), number("sinceSeconds")];
  const sinceTime = query.get("sinceTime");
  const problems: FieldError[] = [];
  if (tailLines !== undefined && tailLines < 0)
    problems.push(invalid("tailLines", tailLines, "must be greater than or equal to 0"));
  if (limitBytes !== undefined && limitBytes < 1)
    problems.push(invalid("limitBytes", limitBytes, "must be greater than 0"));
  if (sinceSeconds !== undefined && sinceTime !== null) {
    problems.push({
      type: "FieldValueForbidden",
      field: "",
      detail: "at most one of `sinceTime` or `sinceSeconds` may be specified",
    });
  } else if (sinceSeconds !== undefined && sinceSeconds < 1) {
    problems.push(invalid("sinceSeconds", sinceSeconds, "must be greater than 0"));
  }
  if (problems.length > 0) throw invalidObject({ group: "", resource: "PodLogOptions" }, pod, problems);
  const since =
    sinceSeconds !== undefined ? now - sinceSeconds * 1000 : sinceTime === null ? undefined : Date.parse(sinceTime);
  if (since !== undefined && Number.isNaN(since))
    throw badRequest(`sinceTime ${JSON.stringify(sinceTime)} is not an RFC 3339 time`);
  return {
    follow: isTrue(query.get("follow")),
    previous: isTrue(query.get("previous")),
    timestamps: isTrue(query.get("timestamps")),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(since === undefined ? {} : { since }),
  };
}
