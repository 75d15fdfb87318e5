/** A database of a contestant's own on the PostgreSQL that `POSTGRES_URL` names. */
import { readFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import pg from "pg";
import { findFreePort } from "../src/free-port.ts";
import type { Store } from "../src/stores/store.ts";

export async function openPostgres(): Promise<Store> {
  const given = process.env["POSTGRES_URL"];
  if (given === undefined || given === "") {
    throw new Error(
      "no PostgreSQL is given (POSTGRES_URL=postgres://user:password@host:port/database)",
    );
  }
  const admin = new pg.Client(given);
  await admin.connect();
  const database = `bench_${randomUUID().slice(0, 8)}`;
  await admin.query(`CREATE DATABASE ${database}`);
  const url = new URL(given);
  url.pathname = `/${database}`;
  const show = async (name: string): Promise<string> => {
    const { rows } = await admin.query<Record<string, string>>(`SHOW ${name}`);
    return String(Object.values(rows[0] ?? {})[0]);
  };
  const settings = `fsync ${await show("fsync")}, synchronous_commit ${await show("synchronous_commit")}`;
  const description = `PostgreSQL ${await show("server_version")}: ${settings}`;
  return {
    address: { url: url.href, workerPort: await findFreePort() },
    description,
    pids: await findServer(admin),
    readMeters: async () => await Promise.resolve(undefined),
    async stop() {
      await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await admin.end();
    },
  };
}

/** The process whose children serve the connections, if it runs on this machine. */
async function findServer(admin: pg.Client): Promise<readonly number[]> {
  const { rows } = await admin.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const status = await readFile(`/proc/${rows[0]?.pid}/status`, "utf8").catch(() => "");
  const parent = /^Name:\s*postgres$[\s\S]*^PPid:\s*(\d+)$/m.exec(status)?.[1];
  return parent === undefined ? [] : [Number(parent)];
}
