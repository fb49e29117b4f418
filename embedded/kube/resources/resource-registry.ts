import { isStorageForm, type ResourceType } from "./resource-type.ts";

/** Every resource that is served at this moment. Custom resources come and go. */
export class ResourceRegistry {
  readonly #byPath = new Map<string, ResourceType>();
  readonly #groups = new Map<string, Map<string, ResourceType[]>>();
  #generation = 0;

  /** Grows with every change: what is derived from the registry (discovery, OpenAPI) is made anew when it does. */
  get generation(): number {
    return this.#generation;
  }

  add(type: ResourceType): void {
    this.#byPath.set(path(type.group, type.version, type.plural), type);
    this.#rebuild();
  }

  addAll(types: readonly ResourceType[]): void {
    for (const type of types) this.#byPath.set(path(type.group, type.version, type.plural), type);
    this.#rebuild();
  }

  /** Removes every version of what the definition named `definition` brought, then adds `types` in one step. */
  replaceDefinition(definition: string, types: readonly ResourceType[]): void {
    for (const [key, type] of this.#byPath) if (type.definition === definition) this.#byPath.delete(key);
    for (const type of types) this.#byPath.set(path(type.group, type.version, type.plural), type);
    this.#rebuild();
  }

  find(group: string, version: string, plural: string): ResourceType | undefined {
    return this.#byPath.get(path(group, version, plural));
  }

  hasGroupVersion(group: string, version: string): boolean {
    return this.#groups.get(group)?.has(version) ?? false;
  }

  /** The resource of a kind in exactly this version. */
  findKind(group: string, version: string, kind: string): ResourceType | undefined {
    return this.#groups
      .get(group)
      ?.get(version)
      ?.find((t) => t.kind === kind);
  }

  /** Any served version of a resource, the storage version first. */
  findAnyVersion(group: string, plural: string): ResourceType | undefined {
    let found: ResourceType | undefined;
    for (const types of this.#groups.get(group)?.values() ?? []) {
      for (const type of types) {
        if (type.plural !== plural) continue;
        if (isStorageForm(type)) return type;
        found ??= type;
      }
    }
    return found;
  }

  /** group -> version -> resources, in order of registration. */
  groups(): ReadonlyMap<string, ReadonlyMap<string, readonly ResourceType[]>> {
    return this.#groups;
  }

  all(): IterableIterator<ResourceType> {
    return this.#byPath.values();
  }

  /** One type for every stored resource: what deletion of a namespace and garbage collection walk over. */
  stored(): ResourceType[] {
    const byBucket = new Map<string, ResourceType>();
    for (const type of this.#byPath.values()) {
      if (!byBucket.has(type.bucket) || isStorageForm(type)) byBucket.set(type.bucket, type);
    }
    return [...byBucket.values()];
  }

  #rebuild(): void {
    this.#generation++;
    this.#groups.clear();
    for (const type of this.#byPath.values()) {
      let versions = this.#groups.get(type.group);
      if (versions === undefined) {
        versions = new Map();
        this.#groups.set(type.group, versions);
      }
      const types = versions.get(type.version);
      if (types === undefined) versions.set(type.version, [type]);
      else types.push(type);
    }
  }
}

function path(group: string, version: string, plural: string): string {
  return `${group}/${version}/${plural}`;
}
