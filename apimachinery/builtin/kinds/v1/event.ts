import type { KubeObject } from "../../../meta/types.ts";
import { child, text } from "../fields.ts";
import type { KindBehaviour } from "../kind-behaviour.ts";
import { coreEventProblems } from "./event-rules.ts";

const ABOUT = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"] as const;

/** Events. */
export const eventBehaviour: KindBehaviour = {
  createOnUpdate: true,
  validate: coreEventProblems,
  selectableFieldNames: [
    ...ABOUT.map((name) => `involvedObject.${name}`),
    "reason",
    "reportingComponent",
    "source",
    "type",
  ],
  selectableFields(event: KubeObject) {
    const about = child(event, "involvedObject");
    const component = text(child(event, "source"), "component");
    return {
      ...Object.fromEntries(ABOUT.map((name) => [`involvedObject.${name}`, text(about, name)])),
      reason: text(event, "reason"),
      reportingComponent: text(event, "reportingComponent"),
      source: component === "" ? text(event, "reportingComponent") : component,
      type: text(event, "type"),
    };
  },
};
