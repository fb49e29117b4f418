import { StatusError } from "@holdfast/apimachinery/meta/status-error";

/** True when nothing may be created any more because the namespace is going: not worth another try, not worth an event. */
export function isNamespaceLeaving(error: unknown): boolean {
  if (!(error instanceof StatusError)) return false;
  const { reason, details } = error.status;
  if (reason === "Forbidden") return details?.causes?.some((cause) => cause.reason === "NamespaceTerminating") === true;
  return reason === "NotFound" && details?.kind === "namespaces";
}

/** What an error says, for conditions and events. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
