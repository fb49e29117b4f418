import { badRequest, type StatusError } from "../../../meta/status-error.ts";

/** Bodies may be nested deeper than any type but JSONSchemaProps is. */
const MAX_LEVELS = 1_000;

/** Where the decoder stands in one body, and what it has found there. */
export class DecodeContext {
  readonly #kind: string;
  readonly #version: string;
  /** Paths of unknown fields, undefined when nobody asks. */
  readonly #unknown: string[] | undefined;
  /** Field names, `[index]` and keys of maps, which begin with a NUL. */
  readonly #path: string[] = [];
  #silent = 0;

  constructor(kind: string, version: string, unknown: string[] | undefined) {
    this.#kind = kind;
    this.#version = version;
    this.#unknown = unknown;
  }

  enterField(name: string): void {
    this.#enter(name);
  }

  enterIndex(index: number): void {
    this.#enter(`[${index}]`);
  }

  enterKey(key: string): void {
    this.#enter(`\0${key}`);
  }

  leave(): void {
    this.#path.pop();
  }

  foundUnknown(name: string): void {
    if (this.#unknown === undefined || this.#silent > 0) return;
    let text = "";
    for (const part of [...this.#path, name]) {
      if (part.startsWith("[")) text += part;
      else text += (text === "" ? "" : ".") + (part.startsWith("\0") ? part.slice(1) : part);
    }
    this.#unknown.push(text);
  }

  /** Unknown fields found by `read` are not reported. */
  silently(read: () => void): void {
    this.#silent++;
    read();
    this.#silent--;
  }

  /** Only names of fields: the form of Go's type errors. */
  fieldPath(): string {
    return this.#path.filter((part) => !part.startsWith("[") && !part.startsWith("\0")).join(".");
  }

  /** 400: the body is no object of its kind. */
  refuse(why: string): StatusError {
    return badRequest(`${this.#kind} in version "${this.#version}" cannot be handled as a ${this.#kind}: ${why}`);
  }

  #enter(part: string): void {
    if (this.#path.length >= MAX_LEVELS) throw this.refuse("exceeded max depth");
    this.#path.push(part);
  }
}
