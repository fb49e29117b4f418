import type { Exchange, Route } from "../http/handler.ts";
import type { UserInfo } from "./user.ts";
export function createServiceAccountTokens(_o: unknown): { authenticate(token: string): UserInfo | undefined; route: (e: Exchange) => Promise<void>; discoveryRoute: Route } {
  return { authenticate: () => undefined, route: async () => {}, discoveryRoute: () => false };
}
