import type { Duplex, Readable, Writable } from "node:stream";

/** A container of a pod that runs somewhere. */
export interface ContainerRef {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  /** Also of an init or ephemeral container. */
  readonly container: string;
}

/** What `pods/log` is asked for. */
export interface LogOptions {
  readonly follow: boolean;
  /** Of the container's run before the present one. */
  readonly previous: boolean;
  /** Each line starts with its RFC 3339 time with nanoseconds and a space. */
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  /** Milliseconds since 1970; only later lines. */
  readonly since?: number;
}

/** The ends of a process as its client holds them; absent ones were not asked for. */
export interface ProcessStreams {
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  /** Never with a terminal: it has one output. */
  readonly stderr?: Writable;
  readonly tty: boolean;
  /** Called at once with the terminal's size when it is known, and with each change. */
  onResize?(listener: (size: { readonly columns: number; readonly rows: number }) => void): void;
}

/** How a process ended: its exit status, 128 + number for a signal. */
export interface ProcessEnd {
  readonly exitCode: number;
}

/**
 * Who runs the pods of a node: the other side of `pods/log`, `pods/exec`, `pods/attach` and `pods/portforward`.
 *
 * Every method throws a StatusError in the words of a kubelet for a container that is not there or does not run.
 * `signal` aborts when the client is gone: whatever was started for it must end.
 */
export interface PodRunner {
  /** The log's bytes, ending when they are all told, or with the container when followed. Slow readers are waited for. */
  logs(of: ContainerRef, options: LogOptions, signal: AbortSignal): Promise<Readable>;
  exec(of: ContainerRef, command: readonly string[], streams: ProcessStreams, signal: AbortSignal): Promise<ProcessEnd>;
  /** Joins the container's main process. Ends with it, or when the client leaves, which the process survives. */
  attach(of: ContainerRef, streams: ProcessStreams, signal: AbortSignal): Promise<ProcessEnd>;
  /** A connection to a port inside the pod. */
  dial(of: Omit<ContainerRef, "container">, port: number, signal: AbortSignal): Promise<Duplex>;
}

/** The runner of a node by its name; undefined when none is connected. */
export type FindPodRunner = (nodeName: string) => PodRunner | undefined;
