import { type FieldError, invalid, required } from "../../../meta/field-error.ts";
import type { KubeObject } from "../../../meta/types.ts";
import { byteLength, dns1123Subdomain } from "../../../schema/name-rules.ts";
import { child, has, setDefault, setDefaultText, text } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { defaultPodTemplate } from "../pods/pod-defaults.ts";
import { notNegative, oneOf } from "../rules/scalar-rules.ts";
import { scheduleProblem, timeZoneProblem } from "./cron-schedule.ts";
import { jobSpecRule, noSelector } from "./job-spec-rules.ts";

/** The names of its jobs are eleven characters longer. */
const MAX_NAME = 52;

/** CronJobs. */
export const cronJobBehaviour: KindBehaviour = {
  generation: true,
  defaults: defaultCronJob,
  validate: cronJobProblems,
  validateUpdate: cronJobProblems,
  nameProblems: (name) => {
    const problems = dns1123Subdomain(name);
    return byteLength(name) > MAX_NAME ? [...problems, `must be no more than ${MAX_NAME} characters`] : problems;
  },
};

function defaultCronJob(object: KubeObject): void {
  const spec = child(object, "spec");
  setDefaultText(spec, "concurrencyPolicy", "Allow");
  setDefault(spec, "suspend", false);
  setDefault(spec, "successfulJobsHistoryLimit", 3);
  setDefault(spec, "failedJobsHistoryLimit", 1);
  defaultPodTemplate(child(child(spec, "jobTemplate"), "spec"));
}

function cronJobProblems(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = child(object, "spec");
  const schedule = text(spec, "schedule");
  if (schedule === "") errors.push(required("spec.schedule"));
  else scheduleRule(errors, schedule);
  notNegative(errors, spec["startingDeadlineSeconds"], "spec.startingDeadlineSeconds");
  if (has(spec, "timeZone")) {
    const zone = text(spec, "timeZone");
    const problem = timeZoneProblem(zone);
    if (problem !== undefined) errors.push(invalid("spec.timeZone", zone, problem));
  }
  const policy = text(spec, "concurrencyPolicy");
  if (policy === "") errors.push(required("spec.concurrencyPolicy"));
  else oneOf(errors, policy, "spec.concurrencyPolicy", ["Allow", "Forbid", "Replace"]);
  const jobSpec = child(child(spec, "jobTemplate"), "spec");
  jobSpecRule(errors, jobSpec, "spec.jobTemplate.spec");
  noSelector(errors, jobSpec, "spec.jobTemplate.spec");
  notNegative(errors, spec["successfulJobsHistoryLimit"], "spec.successfulJobsHistoryLimit");
  notNegative(errors, spec["failedJobsHistoryLimit"], "spec.failedJobsHistoryLimit");
  return errors;
}

function scheduleRule(errors: FieldError[], schedule: string): void {
  if (/TZ/.test(schedule)) {
    errors.push(invalid("spec.schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"));
    return;
  }
  const problem = scheduleProblem(schedule);
  if (problem !== undefined) errors.push(invalid("spec.schedule", schedule, problem));
}
