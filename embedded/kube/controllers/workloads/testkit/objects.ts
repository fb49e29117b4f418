// Objects for tests, with what a test does not care about filled in.
import type { KubeObject } from "@holdfast/apimachinery/meta/types";

export type Fields = Readonly<Record<string, unknown>>;

/** A pod template with one container. */
export function template(labels: Readonly<Record<string, string>>, spec: Fields = {}): Record<string, unknown> {
  return { metadata: { labels: { ...labels } }, spec: { containers: [{ name: "main", image: "app:1" }], ...spec } };
}

/** A workload of the apps group that selects `app: NAME`. */
export function workload(kind: string, name: string, spec: Fields = {}): KubeObject {
  return {
    kind,
    apiVersion: "apps/v1",
    metadata: { name, namespace: "default" },
    spec: { selector: { matchLabels: { app: name } }, template: template({ app: name }), ...spec },
  };
}

/** A pod as the server would return it. */
export function pod(name: string, more: { metadata?: Fields; spec?: Fields; status?: Fields } = {}): KubeObject {
  return {
    kind: "Pod",
    apiVersion: "v1",
    metadata: {
      name,
      namespace: "default",
      uid: `uid-${name}`,
      creationTimestamp: "2026-01-01T00:00:00Z",
      ...more.metadata,
    },
    spec: { containers: [{ name: "main", image: "app:1" }], ...more.spec },
    status: { phase: "Running", ...more.status },
  };
}

/** Conditions of a pod that has been ready since then. */
export function readySince(time: string): Fields {
  return { conditions: [{ type: "Ready", status: "True", lastTransitionTime: time }] };
}
