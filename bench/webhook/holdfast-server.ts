// butler-controller's webhooks in a process of their own, against the API server given on stdin; prints where they answer.

import { BUTLER_CONTROLLER_CONFIG } from "@holdfast/butler-controller/config";
import { createButlerController } from "@holdfast/butler-controller/create-butler-controller";
import { parseConfig } from "@holdfast/runtime/config/config";
import { parseKubeconfig } from "@holdfast/runtime/kube/kube-connection";
import { SILENT } from "@holdfast/runtime/log/logger";

let kubeconfig = "";
for await (const chunk of process.stdin) kubeconfig += chunk;
const { config } = parseConfig("butler-controller", BUTLER_CONTROLLER_CONFIG, {
  argv: [
    "--webhook-certificates=self-managed",
    "--enable-defaulting",
    "--webhook-bind-address=127.0.0.1:0",
    "--health-probe-bind-address=0",
    "--metrics-bind-address=0",
  ],
  env: {},
});
const controller = createButlerController(config, {
  connection: parseKubeconfig(kubeconfig, "stdin"),
  log: SILENT,
  webhookNames: ["127.0.0.1"],
});
await controller.start();
process.stdout.write(
  `${JSON.stringify({ url: `https://127.0.0.1:${controller.webhookAddress?.port}`, ca: controller.webhookBundle })}\n`,
);
