// YAML nodes -> JSON values. The `yaml` package finds the structure; what scalars mean, which keys repeat and how much
// anchors may multiply is decided here, as sigs.k8s.io/yaml decides it.

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar as ScalarNode,
  type YAMLMap,
} from "yaml";
import { goQuote } from "../../meta/field-error.ts";
import { setOwn } from "../../meta/own-members.ts";
import type { Json, JsonObject } from "../../meta/types.ts";
import { SCHEMA_ERRORS } from "../depth-limit.ts";
import { resolvePlain } from "./yaml-scalars.ts";

/** Nodes that anchors may add freely; beyond, they may make up 99 % and, in large documents, ever less. */
const FREE_ALIASED = 100;
const FREE_NODES = 1_000;
const SMALL_DOCUMENT = 400_000;
const LARGE_DOCUMENT = 4_000_000;
const MAX_REPORTED = 100;

/** Reads the first document; an empty stream is null. @throws SCHEMA_BODY_INVALID */
export function readYaml(text: string, maxDepth: number): { value: Json; duplicates: string[] } {
  const lines = new LineCounter();
  try {
    const [document] = parseAllDocuments(text, {
      version: "1.1",
      schema: "failsafe",
      uniqueKeys: false,
      merge: false,
      lineCounter: lines,
      prettyErrors: false,
      strict: false,
    }) as Document.Parsed[];
    if (document === undefined) return { value: null, duplicates: [] };
    const [error] = document.errors;
    if (error?.message.includes("call stack")) throw refuse(`yaml: exceeded max depth of ${maxDepth}`);
    if (error !== undefined)
      throw refuse(`yaml: line ${lines.linePos(error.pos[0]).line}: ${lowerFirst(error.message)}`);
    const reader = new Reader(document, lines, maxDepth);
    return { value: reader.read(document.contents as Node | null), duplicates: reader.duplicates };
  } catch (error) {
    if (error instanceof RangeError) throw refuse(`yaml: exceeded max depth of ${maxDepth}`, error);
    throw error;
  }
}

function refuse(reason: string, cause?: unknown): Error {
  return SCHEMA_ERRORS.create("SCHEMA_BODY_INVALID", { reason }, cause === undefined ? {} : { cause });
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

class Reader {
  readonly duplicates: string[] = [];
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  readonly #maxDepth: number;
  readonly #resolving = new Set<Node>();
  #anchors: Map<string, Node> | undefined;
  #nodes = 0;
  #aliased = 0;
  #aliasDepth = 0;

  constructor(document: Document.Parsed, lines: LineCounter, maxDepth: number) {
    this.#document = document;
    this.#lines = lines;
    this.#maxDepth = maxDepth;
  }

  read(node: Node | null | undefined, depth = 0): Json {
    if (node === null || node === undefined) return null;
    if (depth > this.#maxDepth) throw refuse(`yaml: exceeded max depth of ${this.#maxDepth}`);
    this.#count();
    if (isAlias(node)) return this.#followAlias(node.source, (target) => this.read(target, depth + 1));
    if (isScalar(node)) return this.#scalar(node);
    if (isSeq(node)) return node.items.map((item) => this.read(item as Node, depth + 1));
    if (isMap(node)) return this.#map(node, depth);
    throw refuse("yaml: unknown node");
  }

  #map(node: YAMLMap, depth: number): JsonObject {
    const out: JsonObject = {};
    this.#fill(out, node, depth);
    return out;
  }

  #fill(out: JsonObject, node: YAMLMap, depth: number): void {
    for (const pair of node.items as Pair<Node, Node>[]) {
      if (isMergeKey(pair.key)) this.#merge(out, pair.value, depth);
      else this.#setMember(out, pair, depth);
    }
  }

  #setMember(out: JsonObject, pair: Pair<Node, Node>, depth: number): void {
    const key = this.read(pair.key, depth + 1);
    if (typeof key === "object") throw refuse(`yaml: unsupported map key: ${JSON.stringify(key)}`);
    const name = String(key);
    if (Object.hasOwn(out, name) && this.duplicates.length < MAX_REPORTED) {
      const line = this.#lines.linePos(pair.key.range?.[0] ?? 0).line;
      this.duplicates.push(`line ${line}: key ${typeof key === "string" ? goQuote(key) : name} already set in map`);
    }
    setOwn(out, name, this.read(pair.value, depth + 1));
  }

  /** `<<`: the members of one mapping, or of several of which the first wins. */
  #merge(out: JsonObject, value: Node | null, depth: number): void {
    if (depth > this.#maxDepth) throw refuse(`yaml: exceeded max depth of ${this.#maxDepth}`);
    this.#count();
    if (isAlias(value)) this.#followAlias(value.source, (target) => this.#merge(out, target, depth + 1));
    else if (isMap(value)) this.#fill(out, value, depth + 1);
    else if (isSeq(value)) {
      for (const item of [...value.items].reverse()) {
        if (isSeq(item)) throw refuse("yaml: map merge requires map or sequence of maps as the value");
        this.#merge(out, item as Node, depth + 1);
      }
    } else throw refuse("yaml: map merge requires map or sequence of maps as the value");
  }

  #followAlias<T>(name: string, use: (target: Node) => T): T {
    const target = this.#anchor(name);
    if (target === undefined) throw refuse(`yaml: unknown anchor '${name}' referenced`);
    if (this.#resolving.has(target)) throw refuse(`yaml: anchor '${name}' value contains itself`);
    this.#resolving.add(target);
    this.#aliasDepth++;
    const result = use(target);
    this.#aliasDepth--;
    this.#resolving.delete(target);
    return result;
  }

  /** The last node of that name; collected once, because searching for each alias would be quadratic. */
  #anchor(name: string): Node | undefined {
    if (this.#anchors === undefined) {
      this.#anchors = new Map();
      const open: unknown[] = [this.#document.contents];
      while (open.length > 0) {
        const node = open.pop();
        if (isMap(node)) for (const pair of node.items) open.push(pair.key, pair.value);
        else if (isSeq(node)) open.push(...[...node.items].reverse());
        if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined) {
          if (!this.#anchors.has(node.anchor)) this.#anchors.set(node.anchor, node);
        }
      }
    }
    return this.#anchors.get(name);
  }

  #scalar(node: ScalarNode): Json {
    const text = String(node.value ?? "");
    if (node.type !== "PLAIN" && node.tag === undefined) return text;
    const resolved = scalarOf(node, text);
    if (resolved === undefined) throw refuse(`json: unsupported value: ${text}`);
    return resolved;
  }

  /** Refuses documents in which anchors do nearly all the work. */
  #count(): void {
    this.#nodes++;
    if (this.#aliasDepth > 0) this.#aliased++;
    if (this.#aliased <= FREE_ALIASED || this.#nodes <= FREE_NODES) return;
    const size = Math.min(Math.max(this.#nodes - SMALL_DOCUMENT, 0) / (LARGE_DOCUMENT - SMALL_DOCUMENT), 1);
    if (this.#aliased / this.#nodes > 0.99 - 0.89 * size) {
      throw refuse("yaml: document contains excessive aliasing");
    }
  }
}

function isMergeKey(node: unknown): boolean {
  return isScalar(node) && node.type === "PLAIN" && node.value === "<<" && node.tag === undefined;
}

function scalarOf(node: ScalarNode, text: string): Json | undefined {
  const tag = node.tag?.replace("tag:yaml.org,2002:", "!!");
  switch (tag) {
    case undefined:
      return resolvePlain(text);
    case "!!binary":
      return decodeBase64(text);
    case "!!int":
    case "!!float":
    case "!!bool":
    case "!!null":
      return checkTag(resolvePlain(text), tag, text);
    default:
      return text;
  }
}

function checkTag(value: Json | undefined, tag: string, text: string): Json | undefined {
  const actual =
    value === null ? "!!null" : typeof value === "boolean" ? "!!bool" : typeof value === "string" ? "!!str" : "number";
  const fits = actual === "number" ? tag === "!!float" || (tag === "!!int" && Number.isInteger(value)) : actual === tag;
  if (!fits) throw refuse(`yaml: cannot decode ${actual === "number" ? "!!float" : actual} \`${text}\` as a ${tag}`);
  return value;
}

function decodeBase64(text: string): string {
  try {
    const bytes = Uint8Array.from(atob(text.replace(/\s+/g, "")), (character) => character.charCodeAt(0));
    return new TextDecoder().decode(bytes);
  } catch (cause) {
    throw refuse("yaml: !!binary value contains invalid base64 data", cause);
  }
}
