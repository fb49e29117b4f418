// How a remote command ended, as the error channel says it.

import { type Status, StatusError } from "@holdfast/apimachinery/meta/status-error";
import type { ProcessEnd } from "@holdfast/runtime/kube/pod-runner";

/** Success, or the exit code as clients look for it. */
export function statusOfEnd({ exitCode }: ProcessEnd): unknown {
  if (exitCode === 0) return { metadata: {}, status: "Success" };
  return {
    metadata: {},
    status: "Failure",
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: String(exitCode) }] },
  };
}

/** What kept the command from running. */
export function statusOfError(error: unknown): Status | Record<string, unknown> {
  if (error instanceof StatusError) return error.status;
  return {
    metadata: {},
    status: "Failure",
    reason: "InternalError",
    message: "Internal error occurred: the command could not be run; the server's log says why",
    code: 500,
  };
}
