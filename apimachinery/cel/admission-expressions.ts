export interface AdmissionProgram {
  evaluate(bindings: {
    object: unknown;
    oldObject: unknown;
    request: unknown;
    user: unknown;
    authorize(asked: { user?: never; verb: string; group: string; version: string; resource: string; subresource: string; namespace: string; name: string }): unknown;
  }): { value: unknown } | { error: string };
}
export function compileAdmissionExpression(_text: string): { program: AdmissionProgram } | { error: string } {
  return { error: "not available" };
}
