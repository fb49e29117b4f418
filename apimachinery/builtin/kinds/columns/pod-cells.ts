// What `kubectl get pods` shows: readiness, the most telling reason, restarts.
import type { KubeObject } from "../../../meta/types.ts";
import { ageOf } from "../../../table/human-duration.ts";
import { child, count, type Fields, flag, has, items, maybe, text } from "../fields.ts";
import { age, NONE, nameOf } from "./cell-texts.ts";

/** Cells of a Pod. */
export function podCells(pod: KubeObject, nowMs: number): unknown[] {
  const spec = child(pod, "spec");
  const status = child(pod, "status");
  const summary = summarize(spec, status);
  const podIPs = items(status, "podIPs");
  const podIP = podIPs.length > 0 ? text(podIPs[0] as Fields, "ip") : text(status, "podIP");
  return [
    nameOf(pod),
    `${summary.ready}/${summary.total}`,
    finalReason(pod, status, summary.reason),
    restartText(summary, nowMs),
    age(pod, nowMs),
    podIP || NONE,
    text(spec, "nodeName") || NONE,
    text(status, "nominatedNodeName") || NONE,
    readinessGates(spec, status),
  ];
}

interface Summary {
  reason: string;
  ready: number;
  total: number;
  restarts: number;
  /** Milliseconds; undefined when nothing has restarted. */
  lastRestartMs: number | undefined;
}

function summarize(spec: Fields, status: Fields): Summary {
  const summary: Summary = {
    reason: text(status, "reason") || text(status, "phase"),
    ready: 0,
    total: items(spec, "containers").length,
    restarts: 0,
    lastRestartMs: undefined,
  };
  for (const condition of items(status, "conditions")) {
    if (text(condition, "type") === "PodScheduled" && text(condition, "reason") === "SchedulingGated") {
      summary.reason = "SchedulingGated";
    }
  }
  const initializing = readInitContainers(spec, status, summary);
  if (!initializing || isInitialized(status)) readContainers(status, summary, initializing);
  return summary;
}

function restartableNames(spec: Fields): Set<string> {
  const names = items(spec, "initContainers")
    .filter((c) => text(c, "restartPolicy") === "Always")
    .map((c) => text(c, "name"));
  return new Set(names);
}

function readInitContainers(spec: Fields, status: Fields, summary: Summary): boolean {
  const total = items(spec, "initContainers").length;
  const sidecars = restartableNames(spec);
  summary.total += sidecars.size;
  for (const [index, container] of items(status, "initContainerStatuses").entries()) {
    countRestarts(summary, container);
    const state = child(container, "state");
    const terminated = maybe(state, "terminated");
    const isSidecar = sidecars.has(text(container, "name"));
    if (terminated !== undefined && count(terminated, "exitCode") === 0) continue;
    if (isSidecar && flag(container, "started")) {
      if (flag(container, "ready")) summary.ready++;
      continue;
    }
    if (terminated !== undefined) summary.reason = `Init:${exitReason(terminated)}`;
    else {
      const waiting = text(child(state, "waiting"), "reason");
      summary.reason = waiting !== "" && waiting !== "PodInitializing" ? `Init:${waiting}` : `Init:${index}/${total}`;
    }
    return true;
  }
  return false;
}

function isInitialized(status: Fields): boolean {
  return items(status, "conditions").some((c) => text(c, "type") === "Initialized" && text(c, "status") === "True");
}

function readContainers(status: Fields, summary: Summary, keepReason: boolean): void {
  if (!keepReason) summary.restarts = 0;
  let hasRunning = false;
  const containers = items(status, "containerStatuses");
  for (let i = containers.length - 1; i >= 0; i--) {
    const container = containers[i] as Fields;
    countRestarts(summary, container);
    const state = child(container, "state");
    const waiting = text(child(state, "waiting"), "reason");
    const terminated = maybe(state, "terminated");
    if (waiting !== "") summary.reason = waiting;
    else if (terminated !== undefined) summary.reason = exitReason(terminated);
    else if (flag(container, "ready") && has(state, "running")) {
      hasRunning = true;
      summary.ready++;
    }
  }
  if (summary.reason === "Completed" && hasRunning) summary.reason = isReady(status) ? "Running" : "NotReady";
}

function isReady(status: Fields): boolean {
  return items(status, "conditions").some((c) => text(c, "type") === "Ready" && text(c, "status") === "True");
}

function exitReason(terminated: Fields): string {
  const reason = text(terminated, "reason");
  if (reason !== "") return reason;
  const signal = count(terminated, "signal");
  return signal !== 0 ? `Signal:${signal}` : `ExitCode:${count(terminated, "exitCode")}`;
}

function countRestarts(summary: Summary, container: Fields): void {
  summary.restarts += count(container, "restartCount");
  const finishedAt = text(child(child(container, "lastState"), "terminated"), "finishedAt");
  if (finishedAt === "") return;
  summary.lastRestartMs = Math.max(summary.lastRestartMs ?? 0, Date.parse(finishedAt));
}

function restartText({ restarts, lastRestartMs }: Summary, nowMs: number): string {
  if (restarts === 0 || lastRestartMs === undefined) return String(restarts);
  return `${restarts} (${ageOf(new Date(lastRestartMs).toISOString(), nowMs)} ago)`;
}

function finalReason(pod: KubeObject, status: Fields, reason: string): string {
  if (pod.metadata.deletionTimestamp === undefined) return reason;
  if (text(status, "reason") === "NodeLost") return "Unknown";
  const phase = text(status, "phase");
  return phase === "Succeeded" || phase === "Failed" ? reason : "Terminating";
}

function readinessGates(spec: Fields, status: Fields): string {
  const gates = items(spec, "readinessGates");
  if (gates.length === 0) return NONE;
  const conditions = items(status, "conditions");
  const open = gates.filter((gate) =>
    conditions.some((c) => text(c, "type") === text(gate, "conditionType") && text(c, "status") === "True"),
  );
  return `${open.length}/${gates.length}`;
}
