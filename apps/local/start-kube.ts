import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createKube, type Kube } from "@holdfast/embedded-kube/create-kube";
import type { Logger } from "@holdfast/runtime/log/logger";

export interface StartKubeOptions {
  readonly dataDir: string;
  /** Undefined: the usual port of an API server, or any free one when it is taken. */
  readonly port: number | undefined;
  readonly tokenFile?: string;
  readonly controllers: boolean;
  readonly log: Logger;
}

const USUAL_PORT = 6443;

/** Starts the embedded API server on this machine's loopback address. */
export async function startKube(options: StartKubeOptions): Promise<Kube> {
  const given = {
    dataDir: resolve(options.dataDir, "kube"),
    controllers: options.controllers,
    log: options.log,
    ...(options.tokenFile === undefined ? {} : { tokenFile: readFileSync(options.tokenFile, "utf8") }),
  };
  if (options.port !== undefined) return createKube({ ...given, port: options.port });
  try {
    return await createKube({ ...given, port: USUAL_PORT });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return createKube({ ...given, port: 0 });
  }
}
