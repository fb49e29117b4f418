import { readFileSync } from "node:fs";
import { HoldfastError } from "@holdfast/base/errors/holdfast-error";
import { parse } from "yaml";
import { type ConfigOf, type ConfigSchema, configFileOf, type Parsed, parseConfig } from "../config/config.ts";
import { configErrors } from "../config/errors.ts";
import { printConfig, printHelp } from "../config/print-config.ts";
import { createLogger, type Logger, type LogLevel } from "../log/logger.ts";
import { stopOnSignals } from "./lifecycle.ts";

export interface ServiceRun<S extends ConfigSchema> {
  readonly name: string;
  readonly about: string;
  readonly schema: S;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logLevel: (config: ConfigOf<S>) => LogLevel;
  readonly create: (config: ConfigOf<S>, log: Logger) => Promise<RunningService>;
}

export interface RunningService {
  start(): Promise<void>;
  /** @returns false when something did not stop cleanly */
  stop(): Promise<boolean>;
  /** What answers where, for `-o json`. */
  parts(): readonly { readonly name: string; readonly url: string }[];
}

/**
 * One service in a process of its own: config, flags of its own, signals.
 *
 * @returns the exit code for what ends at once (help, a configuration that is wrong); a service that runs never returns
 */
export async function runService<S extends ConfigSchema>(run: ServiceRun<S>): Promise<number> {
  const { argv, json } = withoutOutputFlag(run.argv);
  let parsed: Parsed<S>;
  try {
    const file = configFileOf(argv);
    parsed = parseConfig(run.name, run.schema, {
      argv,
      env: run.env,
      ...(file === undefined ? {} : { file: readConfigFile(run.name, file) }),
    });
  } catch (error) {
    if (!configErrors.owns(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  if (parsed.wants.help) {
    process.stdout.write(`${printHelp(run.name, run.about, run.schema)}\n`);
    return 0;
  }
  if (parsed.wants.printConfig) process.stdout.write(`${printConfig(run.schema, parsed)}\n`);
  if (parsed.wants.printConfig || parsed.wants.checkConfig) return 0;
  const started = performance.now();
  const log = createLogger({
    level: run.logLevel(parsed.config),
    write: (line) => process.stderr.write(`${line}\n`),
    now: Date.now,
    fields: { service: run.name },
  });
  let service: RunningService;
  try {
    service = await run.create(parsed.config, log);
    // Before the start: a service that waits for a peer must be able to end.
    stopOnSignals(() => service.stop(), log);
    await service.start();
  } catch (error) {
    process.stderr.write(
      `${error instanceof HoldfastError ? error.message : `Cannot start ${run.name}: ${error instanceof Error ? error.message : String(error)}`}\n`,
    );
    return 1;
  }
  if (json)
    process.stdout.write(
      `${JSON.stringify({ ready: true, ms: Math.round(performance.now() - started), parts: service.parts() })}\n`,
    );
  log.info("ready", { ms: Math.round(performance.now() - started) });
  return new Promise<number>(() => undefined);
}

function withoutOutputFlag(argv: readonly string[]): { argv: string[]; json: boolean } {
  const rest: string[] = [];
  let json = false;
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (word === "-o" || word === "--output") json = argv[++i] === "json";
    else if (word === "-o=json" || word === "--output=json") json = true;
    else rest.push(word);
  }
  return { argv: rest, json };
}

function readConfigFile(service: string, file: string): unknown {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw configErrors.create("CONFIG_INVALID", { service, count: 1, problems: `  - file ${file}: ${why}` }, { cause });
  }
}
