import type { IncomingMessage } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { failure, isReason, type Status, StatusError } from "@holdfast/apimachinery/meta/status-error";
import { apiVersionOf, type KubeObject } from "@holdfast/apimachinery/meta/types";
import { kubeErrors } from "./errors.ts";
import type { KubeConnection } from "./kube-connection.ts";

/** A resource by its place in the API: what a client must know of a kind to reach it. */
export interface ResourceRef {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
}

export interface RequestOptions {
  readonly method?: string;
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface ListResult<T> {
  readonly items: T[];
  readonly resourceVersion: string;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: KubeObject;
}

const MAX_REPLY_BYTES = 256 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 30_000;
const PAGE = 500;
/** RFC 9110 section 9.2.2: idempotent. */
const REPEATABLE: ReadonlySet<string> = new Set(["GET", "PUT", "DELETE"]);

/** Talks to one API server over kept connections. Every refusal of the server is thrown as the StatusError it sent. */
export class KubeClient {
  readonly connection: KubeConnection;
  readonly #agent: Agent;
  readonly #watchAgent: Agent;
  readonly #userAgent: string;

  constructor(connection: KubeConnection, options: { readonly userAgent: string; readonly maxSockets?: number }) {
    this.connection = connection;
    this.#userAgent = options.userAgent;
    const tls = {
      keepAlive: true,
      minVersion: "TLSv1.2" as const,
      ...(connection.ca === undefined ? {} : { ca: connection.ca }),
      ...(connection.cert === undefined ? {} : { cert: connection.cert }),
      ...(connection.key === undefined ? {} : { key: connection.key }),
    };
    this.#agent = new Agent({ ...tls, maxSockets: options.maxSockets ?? 32 });
    // Watches hold their connection for long: they must not starve requests of one.
    this.#watchAgent = new Agent({ ...tls });
  }

  close(): void {
    this.#agent.destroy();
    this.#watchAgent.destroy();
  }

  /** Sends one request and reads its JSON reply. */
  async request<T = unknown>(path: string, options: RequestOptions = {}): Promise<T> {
    const response = await this.#open(path, options, this.#agent);
    const text = await readAll(response);
    const { statusCode = 0 } = response;
    if (statusCode >= 200 && statusCode < 300) {
      try {
        return JSON.parse(text) as T;
      } catch (cause) {
        throw kubeErrors.create("KUBE_BAD_REPLY", { server: this.connection.server, why: "it is no JSON" }, { cause });
      }
    }
    throw refusalOf(statusCode, text);
  }

  get<T extends KubeObject>(ref: ResourceRef, name: string, namespace = ""): Promise<T> {
    return this.request<T>(pathOf(ref, namespace, name));
  }

  /** Like {@link get}; undefined when there is no such object. */
  async find<T extends KubeObject>(ref: ResourceRef, name: string, namespace = ""): Promise<T | undefined> {
    try {
      return await this.get<T>(ref, name, namespace);
    } catch (error) {
      if (isReason(error, "NotFound")) return undefined;
      throw error;
    }
  }

  /** Every object, page by page; namespace "" is all. */
  async list<T extends KubeObject>(
    ref: ResourceRef,
    namespace = "",
    query: Readonly<Record<string, string>> = {},
  ): Promise<ListResult<T>> {
    const items: T[] = [];
    let continueToken = "";
    let resourceVersion = "";
    do {
      const parameters = new URLSearchParams({
        limit: String(PAGE),
        ...query,
        ...(continueToken === "" ? {} : { continue: continueToken }),
      });
      const page = await this.request<{
        items?: T[] | null;
        metadata?: { continue?: string; resourceVersion?: string };
      }>(`${pathOf(ref, namespace)}?${parameters}`);
      for (const item of page.items ?? []) {
        // Items of a list may leave out what the list says of all of them.
        item.apiVersion ??= apiVersionOf(ref);
        item.kind ??= ref.kind;
        items.push(item);
      }
      continueToken = page.metadata?.continue ?? "";
      resourceVersion = page.metadata?.resourceVersion ?? resourceVersion;
    } while (continueToken !== "");
    return { items, resourceVersion };
  }

  create<T extends KubeObject>(ref: ResourceRef, object: KubeObject, query = ""): Promise<T> {
    return this.request<T>(pathOf(ref, object.metadata.namespace ?? "") + query, { method: "POST", body: object });
  }

  update<T extends KubeObject>(ref: ResourceRef, object: KubeObject, subresource = ""): Promise<T> {
    const path = pathOf(ref, object.metadata.namespace ?? "", object.metadata.name as string);
    return this.request<T>(subresource === "" ? path : `${path}/${subresource}`, { method: "PUT", body: object });
  }

  patch<T extends KubeObject>(
    ref: ResourceRef,
    at: { readonly name: string; readonly namespace?: string; readonly subresource?: string },
    patch: {
      readonly type: "application/merge-patch+json" | "application/json-patch+json" | "application/apply-patch+yaml";
      readonly body: unknown;
      readonly query?: string;
    },
  ): Promise<T> {
    const path = pathOf(ref, at.namespace ?? "", at.name) + (at.subresource === undefined ? "" : `/${at.subresource}`);
    return this.request<T>(path + (patch.query ?? ""), { method: "PATCH", body: patch.body, contentType: patch.type });
  }

  delete(ref: ResourceRef, name: string, namespace = "", options: unknown = {}): Promise<unknown> {
    return this.request(pathOf(ref, namespace, name), { method: "DELETE", body: options });
  }

  /**
   * Opens a watch and yields its events until the server ends it.
   *
   * @throws StatusError 410 when `resourceVersion` is too old; the caller lists anew
   */
  async *watch(
    ref: ResourceRef,
    namespace: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent> {
    const parameters = new URLSearchParams({ watch: "true", allowWatchBookmarks: "true", ...query });
    const response = await this.#open(
      `${pathOf(ref, namespace)}?${parameters}`,
      { signal, timeoutMs: 0 },
      this.#watchAgent,
    );
    if (response.statusCode !== 200) throw refusalOf(response.statusCode ?? 0, await readAll(response));
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of response) {
      rest += decoder.decode(chunk as Buffer, { stream: true });
      let end = rest.indexOf("\n");
      while (end >= 0) {
        const event = JSON.parse(rest.slice(0, end)) as WatchEvent;
        rest = rest.slice(end + 1);
        end = rest.indexOf("\n");
        if (event.type === "ERROR") throw new StatusError(event.object as unknown as Status);
        yield event;
      }
      if (rest.length > MAX_REPLY_BYTES) throw kubeErrors.create("KUBE_REPLY_TOO_LARGE", { limit: MAX_REPLY_BYTES });
    }
  }

  #open(path: string, options: RequestOptions, agent: Agent): Promise<IncomingMessage> {
    const { connection } = this;
    const { server } = connection;
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const method = options.method ?? "GET";
    const send = (attempt: number): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        const request = httpsRequest(
          `${server}${path}`,
          {
            method,
            agent,
            ...(options.signal === undefined ? {} : { signal: options.signal }),
            headers: {
              accept: "application/json",
              "user-agent": this.#userAgent,
              ...(connection.token === undefined ? {} : { authorization: `Bearer ${connection.token()}` }),
              ...(body === undefined
                ? {}
                : {
                    "content-type": options.contentType ?? "application/json",
                    "content-length": Buffer.byteLength(body),
                  }),
            },
          },
          resolve,
        );
        if (timeoutMs > 0) {
          request.setTimeout(timeoutMs, () =>
            request.destroy(kubeErrors.create("KUBE_TIMEOUT", { server, ms: timeoutMs })),
          );
        }
        request.on("error", (error: NodeJS.ErrnoException) => {
          // A kept connection that the server closed meanwhile: once more on a new one, unless the request may have been
          // obeyed already and would do something else the second time.
          if (error.code === "ECONNRESET" && request.reusedSocket && attempt === 0 && REPEATABLE.has(method)) {
            send(1).then(resolve, reject);
            return;
          }
          if (error.name === "AbortError" || kubeErrors.owns(error)) reject(error);
          else reject(kubeErrors.create("KUBE_UNREACHABLE", { server, why: error.message }, { cause: error }));
        });
        request.end(body);
      });
    return send(0);
  }
}

/** `/apis/apps/v1/namespaces/a/deployments/b` */
export function pathOf(ref: ResourceRef, namespace = "", name = ""): string {
  const root = ref.group === "" ? `/api/${ref.version}` : `/apis/${ref.group}/${ref.version}`;
  const scope = namespace === "" ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${scope}/${ref.plural}${name === "" ? "" : `/${encodeURIComponent(name)}`}`;
}

function refusalOf(code: number, text: string): StatusError {
  try {
    const status = JSON.parse(text) as Status;
    if (status !== null && typeof status === "object" && status.kind === "Status")
      return new StatusError({ ...status, code: status.code ?? code });
  } catch {
    // Not every refusal is a Status: proxies and unknown paths answer in text.
  }
  return failure(code === 404 ? "NotFound" : "", text.slice(0, 512).trim() || `HTTP ${code}`, { code });
}

function readAll(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_REPLY_BYTES)
        response.destroy(kubeErrors.create("KUBE_REPLY_TOO_LARGE", { limit: MAX_REPLY_BYTES }));
      else chunks.push(chunk);
    });
    response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    response.on("error", reject);
  });
}
