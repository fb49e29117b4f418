import type { KubeObject } from "@holdfast/apimachinery/meta/types";

/**
 * One state of one object. Immutable: whoever wants to change the object works on {@link copy}.
 *
 * The JSON text is what is kept; the parsed form is made when first asked for.
 */
export interface Stored {
  readonly revision: number;
  /** Revision at which the object was created: the order of age. */
  readonly createRevision: number;
  readonly json: string;
  /** The parsed state. Never write to it. */
  readonly object: KubeObject;
  /** A deep copy that the caller may change. */
  copy(): KubeObject;
}

class StoredState implements Stored {
  readonly revision: number;
  readonly createRevision: number;
  readonly json: string;
  #object: KubeObject | undefined;

  constructor(json: string, revision: number, createRevision: number) {
    this.json = json;
    this.revision = revision;
    this.createRevision = createRevision;
  }

  get object(): KubeObject {
    this.#object ??= JSON.parse(this.json) as KubeObject;
    return this.#object;
  }

  copy(): KubeObject {
    return JSON.parse(this.json) as KubeObject;
  }
}

/** Sets the object's resourceVersion to `revision` and keeps it; the caller gives the object away. */
export function storedFromObject(object: KubeObject, revision: number, createRevision: number): Stored {
  const { kind, apiVersion, metadata, ...rest } = object;
  // Kind and version first: a reader can tell from the first bytes whether the text can go out as it is.
  const next = { kind, apiVersion, metadata: { ...metadata, resourceVersion: String(revision) }, ...rest };
  return new StoredState(JSON.stringify(next), revision, createRevision);
}

export function storedFromJson(json: string, revision: number, createRevision: number): Stored {
  return new StoredState(json, revision, createRevision);
}
