import type { KubeObject } from "../../../meta/types.ts";
import { child, count, type Fields, has, items, setDefault, text } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { defaultPod, defaultPodTemplate } from "./pod-defaults.ts";
import { podProblems, podTemplateRule } from "./pod-rules.ts";
import { podStatusProblems, podUpdateProblems } from "./pod-update-rules.ts";
import { qualityOfService } from "./quality-of-service.ts";

/** Pods. */
export const podBehaviour: KindBehaviour = {
  generation: true,
  deleteReturnsObject: true,
  defaults: defaultPod,
  admit: admitPod,
  prepareForCreate: preparePod,
  prepareForUpdate: admitPod,
  validate: podProblems,
  validateUpdate: podUpdateProblems,
  validateStatusUpdate: podStatusProblems,
  prepareForStatusUpdate: keepClass,
  gracePeriodSeconds: podGracePeriod,
  selectableFieldNames: [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.podIPs",
    "status.nominatedNodeName",
  ],
  selectableFields: podFields,
};

/** PodTemplates. */
export const podTemplateBehaviour: KindBehaviour = {
  generation: true,
  defaults: defaultPodTemplate,
  validate(object) {
    const errors: ReturnType<typeof podProblems> = [];
    podTemplateRule(errors, child(object, "template"), "template");
    return errors;
  },
};

const AWAY = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
const AWAY_SECONDS = 300;

/** Tolerations and priority that every pod has. A class by name is the server's to look up. */
function admitPod(pod: KubeObject): void {
  const spec: Fields = { ...child(pod, "spec") };
  const tolerations = [...items(spec, "tolerations")];
  for (const key of AWAY) {
    const there = tolerations.some((toleration) => {
      const [own, effect] = [text(toleration, "key"), text(toleration, "effect")];
      return (own === key || own === "") && (effect === "NoExecute" || effect === "");
    });
    if (there) continue;
    tolerations.push({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: AWAY_SECONDS });
  }
  spec["tolerations"] = tolerations;
  if (text(spec, "priorityClassName") === "") {
    setDefault(spec, "priority", 0);
    setDefault(spec, "preemptionPolicy", "PreemptLowerPriority");
  }
  pod["spec"] = spec;
}

function preparePod(pod: KubeObject, now?: string): void {
  admitPod(pod);
  const spec = child(pod, "spec");
  dropRestartRules(spec);
  const status: Fields = { phase: "Pending", qosClass: qualityOfService(spec) };
  if (items(spec, "schedulingGates").length > 0) {
    status["conditions"] = [
      {
        type: "PodScheduled",
        status: "False",
        lastProbeTime: null,
        lastTransitionTime: now ?? pod.metadata.creationTimestamp ?? null,
        reason: "SchedulingGated",
        message: "Scheduling is blocked due to non-empty scheduling gates",
      },
    ];
  }
  pod["status"] = status;
}

/** Restart rules of single containers are behind a gate that is shut: only sidecars may say `Always`. */
function dropRestartRules(spec: Fields): void {
  for (const container of items(spec, "containers")) {
    delete container["restartPolicyRules"];
    delete container["restartPolicy"];
  }
  for (const container of items(spec, "initContainers")) {
    delete container["restartPolicyRules"];
    if (has(container, "restartPolicy") && text(container, "restartPolicy") !== "Always") {
      delete container["restartPolicy"];
    }
  }
}

/** A write of the status takes labels and annotations too; the class of the pod stays what it is. */
function keepClass(next: KubeObject, old: KubeObject): void {
  next["spec"] = old["spec"];
  const { deletionTimestamp, ownerReferences, finalizers } = old.metadata;
  restore(next, "deletionTimestamp", deletionTimestamp);
  restore(next, "ownerReferences", ownerReferences);
  restore(next, "finalizers", finalizers);
  const was = text(child(old, "status"), "qosClass");
  if (was === "" || !has(next, "status")) return;
  child(next, "status")["qosClass"] = was;
}

function restore(
  object: KubeObject,
  name: "deletionTimestamp" | "finalizers" | "ownerReferences",
  value: unknown,
): void {
  const metadata = object.metadata as Fields;
  if (value === undefined) delete metadata[name];
  else metadata[name] = value;
}

/** Pods wait for their node to let go of them; those that never had one, or have ended, go at once. */
function podGracePeriod(pod: KubeObject, wished: number | undefined): number {
  const spec = child(pod, "spec");
  const phase = text(child(pod, "status"), "phase");
  if (text(spec, "nodeName") === "" || phase === "Succeeded" || phase === "Failed") return 0;
  const seconds =
    wished ?? (has(spec, "terminationGracePeriodSeconds") ? count(spec, "terminationGracePeriodSeconds") : 30);
  return seconds < 0 ? 1 : seconds;
}

function podFields(pod: KubeObject): Record<string, string> {
  const spec = child(pod, "spec");
  const status = child(pod, "status");
  const ips = items(status, "podIPs").map((entry) => text(entry, "ip"));
  return {
    "spec.nodeName": text(spec, "nodeName"),
    "spec.restartPolicy": text(spec, "restartPolicy"),
    "spec.schedulerName": text(spec, "schedulerName"),
    "spec.serviceAccountName": text(spec, "serviceAccountName"),
    "spec.hostNetwork": String(spec["hostNetwork"] === true),
    "status.phase": text(status, "phase"),
    "status.podIP": ips[0] ?? text(status, "podIP"),
    "status.podIPs": ips.join(","),
    "status.nominatedNodeName": text(status, "nominatedNodeName"),
  };
}
