/** A server whose users log in at an OpenID Connect provider. */
import { createServer } from "@bullmq-workflows/server";
import { listen } from "@bullmq-workflows/server/node";
import { WorkflowEngine } from "bullmq-workflows";
import { createRemoteJWKSet } from "jose";
import { authenticateByOidc } from "./oidc.ts";

const { REDIS_URL = "redis://localhost:6379", OIDC_ISSUER, OIDC_AUDIENCE, OIDC_JWKS } = process.env;
if (!OIDC_ISSUER || !OIDC_AUDIENCE || !OIDC_JWKS) {
  throw new Error(
    "Set OIDC_ISSUER, OIDC_AUDIENCE and OIDC_JWKS, the address of the provider's keys",
  );
}

const engine = new WorkflowEngine({ connection: REDIS_URL, mode: "client" });
const server = createServer({
  engine,
  authenticate: authenticateByOidc({
    issuer: OIDC_ISSUER,
    audience: OIDC_AUDIENCE,
    keys: createRemoteJWKSet(new URL(OIDC_JWKS)),
    roles: {
      "workflows-viewer": "view",
      "workflows-operator": "operate",
      "workflows-admin": "admin",
    },
  }),
  logger: (level, message, facts) => console.error(level, message, facts),
});
const listener = await listen(server, { onListening: console.log });

process.once("SIGTERM", () => {
  void listener
    .close()
    .then(() => server.close())
    .then(() => engine.close());
});
