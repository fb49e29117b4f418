import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { podFromTemplate } from "../pods/pod-from-template.ts";
import type { Wanted } from "./decide-job.ts";
import { INDEX, INDEX_FAILURES, type Job, TRACKING } from "./job-types.ts";

const INDEX_VARIABLE = "JOB_COMPLETION_INDEX";

/** A pod of a job: held until it has been counted, and knowing its index where it has one. */
export function jobPod(job: Job, { index, failures }: Wanted): KubeObject {
  const pod = podFromTemplate(job, job.spec.template);
  const { metadata } = pod;
  metadata.finalizers = [...(metadata.finalizers ?? []).filter((own) => own !== TRACKING), TRACKING];
  if (index === undefined) return pod;
  metadata.generateName = `${job.metadata.name}-${index}-`;
  metadata.annotations = {
    ...metadata.annotations,
    [INDEX]: String(index),
    ...(failures === undefined ? {} : { [INDEX_FAILURES]: String(failures) }),
  };
  metadata.labels = { ...metadata.labels, [INDEX]: String(index) };
  const spec = pod["spec"] as { hostname?: string } & Record<string, unknown>;
  spec.hostname = `${job.metadata.name}-${index}`;
  for (const list of ["initContainers", "containers"]) {
    const containers = spec[list];
    if (Array.isArray(containers)) spec[list] = containers.map(withIndexVariable);
  }
  return pod;
}

function withIndexVariable(container: { readonly env?: readonly { readonly name?: string }[] }): unknown {
  const env = container.env ?? [];
  if (env.some(({ name }) => name === INDEX_VARIABLE)) return container;
  const fieldPath = `metadata.labels['${INDEX}']`;
  return { ...container, env: [...env, { name: INDEX_VARIABLE, valueFrom: { fieldRef: { fieldPath } } }] };
}
