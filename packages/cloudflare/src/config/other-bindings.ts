/**
 * Bindings other than workflows. They exist only at Cloudflare, so the host of a project gives them; here
 * it is only found out which a project declares.
 */
import type { ConfigNode } from "./config-node.ts";
import type { Settings } from "./settings.ts";

export interface DeclaredBinding {
  /** Under which it is expected in `env`. */
  readonly name: string;
  /** What it is, for messages. */
  readonly kind: string;
}

interface BindingKind {
  readonly kind: string;
  /** Where the declarations stand. */
  readonly find: (settings: Settings) => ConfigNode[];
  /** What holds the name in each. @defaultValue "binding" */
  readonly nameKey?: string;
}

const inList =
  (key: string) =>
  (settings: Settings): ConfigNode[] =>
    settings.at(key).items();

const inOne =
  (key: string) =>
  (settings: Settings): ConfigNode[] =>
    settings.at(key).isAbsent ? [] : [settings.at(key)];

const KINDS: Readonly<Record<string, BindingKind>> = {
  ai: { kind: "Workers AI", find: inOne("ai") },
  analytics_engine_datasets: {
    kind: "Analytics Engine dataset",
    find: inList("analytics_engine_datasets"),
  },
  assets: { kind: "static assets", find: inOne("assets") },
  browser: { kind: "Browser Rendering", find: inOne("browser") },
  d1_databases: { kind: "D1 database", find: inList("d1_databases") },
  dispatch_namespaces: { kind: "dispatch namespace", find: inList("dispatch_namespaces") },
  durable_objects: {
    kind: "Durable Object namespace",
    find: (settings) => settings.at("durable_objects").at("bindings").items(),
    nameKey: "name",
  },
  hyperdrive: { kind: "Hyperdrive", find: inList("hyperdrive") },
  images: { kind: "Images", find: inOne("images") },
  kv_namespaces: { kind: "KV namespace", find: inList("kv_namespaces") },
  media: { kind: "Media", find: inOne("media") },
  mtls_certificates: { kind: "mTLS certificate", find: inList("mtls_certificates") },
  pipelines: { kind: "Pipeline", find: inList("pipelines") },
  queues: {
    kind: "Queue producer",
    find: (settings) => settings.at("queues").at("producers").items(),
  },
  r2_buckets: { kind: "R2 bucket", find: inList("r2_buckets") },
  ratelimits: { kind: "rate limit", find: inList("ratelimits"), nameKey: "name" },
  secrets_store_secrets: { kind: "Secrets Store secret", find: inList("secrets_store_secrets") },
  send_email: { kind: "email sender", find: inList("send_email"), nameKey: "name" },
  services: { kind: "service", find: inList("services") },
  stream: { kind: "Stream", find: inOne("stream") },
  unsafe: {
    kind: "unsafe binding",
    find: (settings) => settings.at("unsafe").at("bindings").items(),
    nameKey: "name",
  },
  vectorize: { kind: "Vectorize index", find: inList("vectorize") },
  version_metadata: { kind: "version metadata", find: inOne("version_metadata") },
  vpc_services: { kind: "VPC service", find: inList("vpc_services") },
  worker_loaders: { kind: "Worker Loader", find: inList("worker_loaders") },
};

/** The keys of a configuration under which bindings are declared. */
export const BINDING_KEYS: readonly string[] = Object.keys(KINDS);

export function readOtherBindings(settings: Settings): DeclaredBinding[] {
  return Object.values(KINDS).flatMap(({ kind, find, nameKey = "binding" }) =>
    find(settings)
      // Static assets, for one, need not be a binding.
      .filter((declaration) => declaration.has(nameKey))
      .map((declaration) => ({ kind, name: declaration.at(nameKey).text() })),
  );
}
