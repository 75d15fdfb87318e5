/** Creates an API token: `node dist/create-token.js <name> <view|operate|admin>`. */
import { openTokens } from "@bullmq-workflows/server";
import type { Role } from "@bullmq-workflows/server";
import { WorkflowEngine } from "bullmq-workflows";
import { settings } from "./settings.ts";

const [name = "first", role = "admin"] = process.argv.slice(2);
const { redisUrl: connection, prefix } = settings;
const engine = new WorkflowEngine({ connection, prefix, mode: "client" });
const { token } = await openTokens(engine).create({ name, role: role as Role });
// Shown here, and never again.
console.log(token);
await engine.close();
