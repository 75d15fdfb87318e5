import { describe, expect, test } from "vitest";
import { follow } from "./subscription.ts";
import type { Connection } from "./subscription.ts";

interface Told {
  readonly n: number;
}

/** A server that says each of these on a connection of its own, and whom it was told to go on after. */
function setup(connections: readonly (string | null)[]) {
  const asked: (string | undefined)[] = [];
  const connect = async ({ lastEventId }: Pick<Connection, "lastEventId">): Promise<Response> => {
    const text = connections[asked.length];
    asked.push(lastEventId);
    if (text === undefined) throw new Error("not a connection more");
    if (text === null) return new Response(null, { status: 204 });
    return new Response(text === "breaks" ? breaking() : `retry: 1\n\n${text}`);
  };
  return { asked, connect };
}

function breaking(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) });
}

const event = (n: number) => `id: ${n}\nevent: step\ndata: {"n":${n}}\n\n`;

const end = (reason: string) => `event: end\ndata: {"type":"end","reason":"${reason}"}\n\n`;

async function read(connect: Parameters<typeof follow>[0]["connect"], signal?: AbortSignal) {
  const told: number[] = [];
  for await (const { n } of follow<Told>({ connect, signal })) told.push(n);
  return told;
}

describe("a subscription", () => {
  test("ends when the server says that there is nothing more to tell", async () => {
    const { connect, asked } = setup([event(1) + event(2) + end("finished") + event(3)]);

    expect(await read(connect)).toEqual([1, 2]);
    expect(asked).toEqual([undefined]);
  });

  test("goes on after the last event, however a connection ended", async () => {
    const { connect, asked } = setup([event(1), event(2) + end("closing"), event(3), null]);

    expect(await read(connect)).toEqual([1, 2, 3]);
    expect(asked).toEqual([undefined, "1", "2", "3"]);
  });

  test("goes on when a connection breaks", { timeout: 10_000 }, async () => {
    const { connect, asked } = setup([event(1), "breaks", event(2) + end("finished")]);

    expect(await read(connect)).toEqual([1, 2]);
    expect(asked).toEqual([undefined, "1", "1"]);
  });

  test("fails as connecting fails", async () => {
    const { connect } = setup([event(1)]);

    await expect(read(connect)).rejects.toThrow("not a connection more");
  });

  test("ends with the reason of its signal, also between two connections", async () => {
    const { connect } = setup(["retry: 60000\n\n"]);
    const controller = new AbortController();
    const reason = new Error("enough");

    const reading = read(connect, controller.signal);
    controller.abort(reason);

    await expect(reading).rejects.toBe(reason);
  });
});
