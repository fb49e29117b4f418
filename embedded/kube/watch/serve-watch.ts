import type { ServerResponse } from "node:http";
import { badRequest, failure, StatusError } from "@holdfast/apimachinery/meta/status-error";
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

/** Bytes of changes that may wait for a slow watcher before it is cut off; it resumes from its last event. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;
/** Changes that may wait while the present state is still being sent. They are shared with the store's own history. */
const MAX_WAITING_EVENTS = 10_000;
/** What a watch begins with is sent in portions of this size, each when the client has taken the one before. */
const PORTION_BYTES = 1024 * 1024;
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
  const cutOff = () => {
    end();
    response.destroy();
  };
  const send = (line: string) => {
    if (ended) return;
    response.write(line);
    if (response.writableLength > MAX_BUFFERED_BYTES) cutOff();
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
  const bookmark = (initial: boolean, revision: number) => {
    const json = JSON.stringify(bookmarkObject(type, revision, initial));
    send(eventLine("BOOKMARK", input.renderBookmark?.(json) ?? json));
  };
  const backlog = backlogOf(store, input, { wanted, deliver, send, bookmark });
  if (backlog === undefined) {
    forget();
    response.end(
      eventLine("ERROR", JSON.stringify(expiredStatus(wanted, Math.max(store.historyStart, type.servedSince ?? 0)))),
    );
    return;
  }
  // Changes that come while the beginning is on its way; undefined when it has been sent.
  let waiting: StoreEvent[] | undefined = [];
  unsubscribe = store.subscribe(type.bucket, (event) => {
    if (waiting === undefined) guarded(() => deliver(event));
    else if (waiting.push(event) > MAX_WAITING_EVENTS) cutOff();
  });
  // An object that cannot be shown ends this watch, not the write that told of it.
  const guarded = (work: () => void) => {
    try {
      work();
    } catch (error) {
      const { status } = error instanceof StatusError ? error : failure("InternalError", "the object cannot be shown");
      send(eventLine("ERROR", JSON.stringify(status)));
      end();
    }
  };
  const portion = () => {
    while (!ended && waiting !== undefined) {
      const step = backlog.next();
      const event = step.done === true ? waiting.shift() : undefined;
      if (step.done !== true) step.value();
      else if (event !== undefined) deliver(event);
      else waiting = undefined;
      if (response.writableLength > PORTION_BYTES) {
        response.once("drain", pump);
        return;
      }
    }
  };
  const pump = () => guarded(portion);
  response.on("close", end);
  timers.push(
    setTimeout(end, options.timeoutSeconds === undefined ? DEFAULT_TIMEOUT_MS : options.timeoutSeconds * 1000),
  );
  if (options.bookmarks)
    timers.push(
      setInterval(() => {
        // Nothing is promised about changes that still wait to be sent.
        if (waiting === undefined) bookmark(false, store.revision);
      }, BOOKMARK_INTERVAL_MS),
    );
  for (const timer of timers) timer.unref();
  response.flushHeaders();
  pump();
}

interface Sending {
  readonly wanted: number;
  readonly deliver: (event: StoreEvent) => void;
  readonly send: (line: string) => void;
  readonly bookmark: (initial: boolean, revision: number) => void;
}

/**
 * What a watch begins with, one step a line: the present state, or the changes since the wanted version, as they are at the moment
 * of the call. Undefined when those changes are no longer known.
 */
function backlogOf(store: Store, input: WatchInput, sending: Sending): IterableIterator<() => void> | undefined {
  const { type, namespace, selection, options } = input;
  const { wanted, deliver, send, bookmark } = sending;
  if (options.sendInitialEvents || (wanted === 0 && !options.skipsInitialEvents)) {
    const states = Array.from(store.bucket(type.bucket).range(namespace), ([, stored]) => stored);
    const selective = selection.labels !== undefined || selection.fields !== undefined;
    const { revision } = store;
    return (function* () {
      for (const stored of states) {
        if (selective && !matchesSelection(type, stored.object, selection)) continue;
        yield () => send(eventLine("ADDED", (input.render ?? input.plain)(stored)));
      }
      if (options.sendInitialEvents && options.bookmarks) yield () => bookmark(true, revision);
    })();
  }
  if (wanted === 0) return [].values();
  const events = wanted < (type.servedSince ?? 0) ? undefined : store.eventsSince(type.bucket, wanted);
  return events?.values().map((event) => () => deliver(event));
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
