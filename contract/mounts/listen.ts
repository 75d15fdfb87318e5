/** What is not of interest in the mounts: where they listen, and how they end. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { server } from "./server.ts";

/** Says where it listens, and ends on SIGTERM. */
export function tend(http: Server): void {
  const say = (): void => {
    const { port } = http.address() as AddressInfo;
    console.log(`Ready on http://127.0.0.1:${port}`);
  };
  if (http.listening) say();
  else http.once("listening", say);
  process.once("SIGTERM", () => {
    void server.close();
    http.close(() => process.exit(0));
    http.closeAllConnections();
  });
}
