import type { Admission } from "../admission/admission.ts";
export function createEscalationCheck(_a: unknown): Admission { return { mutate: async () => {}, validate: async () => {} }; }
