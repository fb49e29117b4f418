/** Ends an exhaustive switch: a new union member that no case handles becomes a type error. */
export function assertNever(value: never): never {
  throw new TypeError(`Cannot handle: unexpected value ${JSON.stringify(value)}`);
}
