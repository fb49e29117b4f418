import { LOG_LEVELS, type LogLevel } from "@holdfast/runtime/log/logger";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { LocalOptions } from "./local-commands.ts";

/**
 * The command line. Wrong use ends with 2 and a suggestion, a failure with 1.
 *
 * @returns the exit code
 */
export async function runCli(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  let code = 0;
  const finish = (result: number) => {
    code = result;
  };
  const program = new Command("holdfast")
    .enablePositionalOptions()
    .description("Governed Kubernetes clusters as a service, and secrets the cloud provider never sees")
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError();
  program.addCommand(
    localCommand("up", "Run everything on this machine: Kubernetes API, Butler, samples").action(
      async (options: LocalOptions) => finish(await (await local()).runUp(options)),
    ),
  );
  program.addCommand(
    localCommand("kube", "Run the embedded Kubernetes API server alone")
      .option(
        "--without-controllers",
        "no garbage collection, namespaces and ServiceAccounts: a kube-apiserver without a controller manager",
        false,
      )
      .action(async (options: LocalOptions & { withoutControllers: boolean }) =>
        finish(await (await local()).runKube(options)),
      ),
  );
  program.addCommand(
    new Command("run")
      .description("Run one service as its image does")
      .argument("<service>", "butler-controller")
      .argument("[flags...]", "flags of the service; see: holdfast run SERVICE --help")
      .passThroughOptions()
      .allowUnknownOption()
      .helpOption(false)
      .action(async (service: string, flags: string[]) => finish(await (await local()).runOne(service, flags, env))),
  );
  for (const command of [program, ...program.commands]) command.exitOverride();
  try {
    await program.parseAsync(argv as string[], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  return code;
}

/** What runs things on this machine is loaded only by the commands that do. */
function local(): Promise<typeof import("./local-commands.ts")> {
  return import("./local-commands.ts");
}

function localCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option("--data-dir <dir>", "folder everything is kept in", ".holdfast")
    .option(
      "--port <n>",
      "port of the Kubernetes API, 0 for any free one (default: 6443, or a free one when it is taken)",
      parsePort,
    )
    .option("--token-file <file>", 'also accept bearer tokens from this file: token,user,uid,"group1,group2" a line')
    .addOption(
      new Option("--log-level <level>", "lowest level that is logged")
        .choices([...LOG_LEVELS])
        .default("info" satisfies LogLevel),
    )
    .addOption(
      new Option("-o, --output <form>", "json: one line when it really answers")
        .choices(["text", "json"])
        .default("text"),
    );
}

function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError("a port is a number from 0 to 65535.");
  return Number(text);
}
