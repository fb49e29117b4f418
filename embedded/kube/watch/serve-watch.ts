import type { ServerResponse } from "node:http";
import { badRequest, failure } from "@holdfast/apimachinery/meta/status-error";
import { checkWatchOptions, versionProblem } from "../http/list-options.ts";
import { isTrue } from "../http/request-info.ts";
import type { Selection } from "../operations/read.ts";
import { matchesSelection } from "../operations/selection.ts";
import type { ResourceType } from "../resources/resource-type.ts";
import type { Store, StoreEvent } from "../store/object-store.ts";
import type { Stored } from "../store/stored.ts";
import { bookmarkObject, eventLine, expiredStatus, plainLine, type Render, visibleEvent } from "./watch-events.ts";

export interface WatchOptions {
  /** Undefined or 0: start with the present state as ADDED events. */
  readonly resourceVersion: number | undefined;
  readonly sendInitialEvents: boolean;
  /** `sendInitialEvents=false`: nothing of the present state. */
  readonly skipsInitialEvents: boolean;
  readonly bookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
}

/** Bytes that may wait for a slow watcher before it is cut off; it resumes from its last event. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;
const BOOKMARK_INTERVAL_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 45 * 60_000;

/** Reads the watch parameters of a query. @throws 422 for combinations the API forbids */
export function parseWatchOptions(query: URLSearchParams): WatchOptions {
  checkWatchOptions(query);
  const version = query.get("resourceVersion") ?? "";
  const problem = versionProblem(version);
  if (problem !== undefined) throw failure("", problem, { code: 500 });
  const sendInitialEvents = query.get("sendInitialEvents");
  const timeout = query.get("timeoutSeconds");
  if (timeout !== null && !/^\d{1,9}$/.test(timeout))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(timeout)}: invalid syntax`);
  return {
    resourceVersion: version === "" ? undefined : Number(version),
    sendInitialEvents: isTrue(sendInitialEvents),
    skipsInitialEvents: sendInitialEvents !== null && !isTrue(sendInitialEvents),
    bookmarks: isTrue(query.get("allowWatchBookmarks")),
    timeoutSeconds: timeout === null || timeout === "0" ? undefined : Number(timeout),
  };
}

export interface WatchInput {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly selection: Selection;
  readonly options: WatchOptions;
  /** Undefined for the plain view, which shares its lines with every other watcher. */
  readonly render: Render | undefined;
  readonly renderBookmark: ((json: string) => string) | undefined;
  readonly plain: (stored: Stored) => string;
  /** Called with the function that ends the watch; returns one to forget it. */
  readonly register: (end: () => void) => () => void;
}

/** Streams changes until the client leaves, the time is over or the server stops. The reply's head must not be sent yet. */
export function serveWatch(store: Store, response: ServerResponse, input: WatchInput): void {
  const { type, namespace, selection, options } = input;
  const wanted = options.resourceVersion ?? 0;
  response.writeHead(200, { "content-type": "application/json", "cache-control": "no-cache, private" });
  if (wanted > store.revision + 1_000_000_000) {
    response.end(
      eventLine(
        "ERROR",
        JSON.stringify(
          failure("Timeout", `Too large resource version: ${wanted}, current: ${store.revision}`, {
            code: 504,
            status: {
              causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
              retryAfterSeconds: 1,
            },
          }).status,
        ),
      ),
    );
    return;
  }
  let ended = false;
  const timers: NodeJS.Timeout[] = [];
  let unsubscribe = () => {};
  const end = () => {
    if (ended) return;
    ended = true;
    for (const timer of timers) clearTimeout(timer);
    unsubscribe();
    forget();
    response.end();
  };
  const forget = input.register(end);
  const send = (line: string) => {
    if (ended) return;
    response.write(line);
    if (response.writableLength > MAX_BUFFERED_BYTES) {
      end();
      response.destroy();
    }
  };
  const prefix = namespace === "" ? undefined : namespace;
  const selective = selection.labels !== undefined || selection.fields !== undefined;
  const deliver = (event: StoreEvent) => {
    if (prefix !== undefined && event.stored.object.metadata.namespace !== prefix) return;
    if (!selective && input.render === undefined) {
      send(plainLine(event, type));
      return;
    }
    const visible = visibleEvent(event, type, selection);
    if (visible === undefined) return;
    const state = visible.atRevision === undefined ? visible.stored : atRevision(visible.stored, visible.atRevision);
    send(eventLine(visible.type, (input.render ?? input.plain)(state)));
  };
  const bookmark = (initial: boolean) => {
    const json = JSON.stringify(bookmarkObject(type, store.revision, initial));
    send(eventLine("BOOKMARK", input.renderBookmark?.(json) ?? json));
  };
  const unversioned = options.resourceVersion === undefined || options.resourceVersion === 0;
  if (options.sendInitialEvents || (unversioned && !options.skipsInitialEvents)) {
    for (const [, stored] of store.bucket(type.bucket).range(namespace)) {
      if (selective && !matchesSelection(type, stored.object, selection)) continue;
      send(eventLine("ADDED", (input.render ?? input.plain)(stored)));
    }
    if (options.sendInitialEvents && options.bookmarks) bookmark(true);
  } else if (!unversioned) {
    const events = wanted < (type.servedSince ?? 0) ? undefined : store.eventsSince(type.bucket, wanted);
    if (events === undefined) {
      forget();
      response.end(
        eventLine("ERROR", JSON.stringify(expiredStatus(wanted, Math.max(store.historyStart, type.servedSince ?? 0)))),
      );
      return;
    }
    for (const event of events) deliver(event);
  }
  unsubscribe = store.subscribe(type.bucket, deliver);
  response.on("close", end);
  timers.push(
    setTimeout(
      () => {
        end();
      },
      options.timeoutSeconds === undefined ? DEFAULT_TIMEOUT_MS : options.timeoutSeconds * 1000,
    ),
  );
  if (options.bookmarks) timers.push(setInterval(() => bookmark(false), BOOKMARK_INTERVAL_MS));
  for (const timer of timers) timer.unref();
  response.flushHeaders();
}

function atRevision(stored: Stored, revision: number): Stored {
  const object = { ...stored.object, metadata: { ...stored.object.metadata, resourceVersion: String(revision) } };
  return {
    revision,
    createRevision: stored.createRevision,
    json: JSON.stringify(object),
    object,
    copy: () => structuredClone(object),
  };
}
