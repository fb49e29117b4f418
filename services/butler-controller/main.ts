import { readFileSync } from "node:fs";
import { inClusterConnection, parseKubeconfig } from "@holdfast/runtime/kube/kube-connection";
import { runService } from "@holdfast/runtime/lifecycle/run-service";
import { BUTLER_CONTROLLER_CONFIG } from "./config.ts";
import { createButlerController } from "./create-butler-controller.ts";
import { controllerErrors } from "./errors.ts";

/** Runs butler-controller as its image does. */
export function main(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<number> {
  return runService({
    name: "butler-controller",
    about: "Admission webhooks and controllers of the Butler API",
    schema: BUTLER_CONTROLLER_CONFIG,
    argv,
    env,
    logLevel: (config) => config.zapLogLevel,
    async create(config, log) {
      const connection =
        config.kubeconfig === ""
          ? inClusterConnection(env)
          : parseKubeconfig(readFileSync(config.kubeconfig, "utf8"), config.kubeconfig);
      if (connection === undefined) throw controllerErrors.create("BUTLER_NO_CLUSTER");
      const controller = createButlerController(config, { connection, log });
      return {
        start: () => controller.start(),
        stop: () => controller.stop(),
        parts: () =>
          controller.webhookAddress === undefined
            ? []
            : [
                {
                  name: "webhooks",
                  url: `https://${controller.webhookAddress.host}:${controller.webhookAddress.port}`,
                },
              ],
      };
    },
  });
}
