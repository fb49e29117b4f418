import { object, required, string } from "../schema-dsl.ts";

/** A reference to an object of a known kind in the same namespace, or to a cluster-scoped one. */
export function localRef(description: string) {
  return object(description, { name: required(string("Name of the object.", { minLength: 1 })) });
}

/** A reference whose namespace may be left out. */
export function namespacedRef(description: string) {
  return object(description, {
    name: required(string("Name of the object.", { minLength: 1 })),
    namespace: string(
      "Namespace of the object. The field that holds the reference says which one is taken without it.",
    ),
  });
}

/** A reference that must name its namespace. */
export function fullRef(description: string) {
  return object(description, {
    name: required(string("Name of the object.", { minLength: 1 })),
    namespace: required(string("Namespace of the object.", { minLength: 1 })),
  });
}

/** A reference to a Secret, or to one key of it. */
export function secretRef(description: string) {
  return object(description, {
    name: required(string("Name of the Secret.", { minLength: 1 })),
    namespace: string(
      "Namespace of the Secret. Without it the namespace of the referring object, or butler-system for a cluster-scoped one.",
    ),
    key: string("The one key that is read. Without it the keys the reader documents are expected."),
  });
}

/** First and last address of a range, both included. */
export function addressRange(description: string) {
  return object(description, {
    start: required(string("First IPv4 address of the range.")),
    end: required(string("Last IPv4 address of the range, included.")),
  });
}
