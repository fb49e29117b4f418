// Reading and filling the members of objects that have been normalized: their types are known, only presence is not.
import type { KubeObject } from "../../meta/types.ts";

/** Any struct of a built-in object. */
export type Fields = Record<string, unknown>;

const NOTHING: Fields = Object.freeze({});
const NO_ITEMS: readonly Fields[] = Object.freeze([]);
const NO_TEXTS: readonly string[] = Object.freeze([]);

/** A struct or map under a name; an empty one that must not be changed when it is missing. */
export function child(parent: Fields | KubeObject, name: string): Fields {
  const value = (parent as Fields)[name];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : NOTHING;
}

/** A struct under a name, or undefined. */
export function maybe(parent: Fields | KubeObject, name: string): Fields | undefined {
  const value = child(parent, name);
  return value === NOTHING ? undefined : value;
}

/** A list of structs; an empty one that must not be changed when it is missing. */
export function items(parent: Fields | KubeObject, name: string): readonly Fields[] {
  const value = (parent as Fields)[name];
  return Array.isArray(value) ? (value as Fields[]) : NO_ITEMS;
}

/** A list of strings. */
export function texts(parent: Fields | KubeObject, name: string): readonly string[] {
  const value = (parent as Fields)[name];
  return Array.isArray(value) ? (value as string[]) : NO_TEXTS;
}

/** A string, `""` when it is missing. */
export function text(parent: Fields | KubeObject, name: string): string {
  const value = (parent as Fields)[name];
  return typeof value === "string" ? value : "";
}

/** A number, 0 when it is missing. */
export function count(parent: Fields | KubeObject, name: string): number {
  const value = (parent as Fields)[name];
  return typeof value === "number" ? value : 0;
}

/** A number, undefined when it is missing. */
export function maybeCount(parent: Fields | KubeObject, name: string): number | undefined {
  const value = (parent as Fields)[name];
  return typeof value === "number" ? value : undefined;
}

/** A boolean, false when it is missing. */
export function flag(parent: Fields | KubeObject, name: string): boolean {
  return (parent as Fields)[name] === true;
}

/** A map of strings. */
export function textMap(parent: Fields | KubeObject, name: string): Readonly<Record<string, string>> {
  return child(parent, name) as Record<string, string>;
}

/** True when the member is there; a pointer that is set. */
export function has(parent: Fields | KubeObject, name: string): boolean {
  const value = (parent as Fields)[name];
  return value !== undefined && value !== null;
}

/** Sets what is missing. */
export function setDefault(parent: Fields | KubeObject, name: string, value: unknown): void {
  if (!has(parent, name)) (parent as Fields)[name] = value;
}

/** {@link setDefault} for strings that are no pointers: `""` counts as missing. */
export function setDefaultText(parent: Fields | KubeObject, name: string, value: string): void {
  if (text(parent, name) === "") (parent as Fields)[name] = value;
}
