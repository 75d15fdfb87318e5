/** A proxy whose connections can go silent without being closed, as when a host dies. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

export interface SilenceableProxy {
  readonly port: number;
  /** From now on nothing passes on the connections there are. New ones work. */
  silence(): void;
  /** Where new connections lead from now on. */
  leadTo(port: number): void;
  stop(): void;
}

export async function startSilenceableProxy(targetPort: number): Promise<SilenceableProxy> {
  let target = targetPort;
  const pairs = new Set<readonly [Socket, Socket]>();
  const silent = new Set<readonly [Socket, Socket]>();
  const server = createServer((inner) => {
    const pair = [inner, connect(target, "127.0.0.1")] as const;
    pairs.add(pair);
    const forward = (from: Socket, to: Socket): void => {
      from.on("error", () => undefined);
      from.on("data", (data) => void (silent.has(pair) || to.write(data)));
      from.on("close", () => void (silent.has(pair) || to.destroy()));
    };
    forward(pair[0], pair[1]);
    forward(pair[1], pair[0]);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    silence: () => pairs.forEach((pair) => silent.add(pair)),
    leadTo: (port) => void (target = port),
    stop: () => {
      server.close();
      for (const pair of pairs) for (const socket of pair) socket.destroy();
    },
  };
}
