import { choice, dateTime, integer, list, object, required, string } from "../schema-dsl.ts";

const CONDITION = object("One aspect of the object's state, in the form of metav1.Condition.", {
  type: required(
    string("What is judged, such as Ready.", {
      maxLength: 316,
      pattern:
        "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$",
    }),
  ),
  status: required(choice("Whether the condition holds.", ["True", "False", "Unknown"])),
  reason: required(
    string("One word for machines that says why.", {
      minLength: 1,
      maxLength: 1024,
      pattern: "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
    }),
  ),
  message: required(string("A sentence for people; may be empty.", { maxLength: 32768 })),
  lastTransitionTime: required(dateTime("When the status last changed.")),
  observedGeneration: integer("The metadata.generation this was judged from.", { minimum: 0, width: "int64" }),
});

/** The conditions of an object, merged by type. */
export function conditions() {
  return list("What is known about the object's state, one entry a condition type.", CONDITION, { mapKeys: ["type"] });
}

/** The conditions of a kind whose published schema keeps them as an atomic list. Duplicate types pass there, so they pass here. */
export function atomicConditions() {
  return list("What is known about the object's state. The list is replaced as a whole.", CONDITION);
}

/** The generation a status was computed from. */
export function observedGeneration() {
  return integer("The metadata.generation the controller has acted on last.", { width: "int64" });
}
