/** `npm create bullmq-workflows`: what is written, and what is never overwritten. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createProject, ProjectExistsError, TEMPLATES } from "../src/index.ts";
import { runCreate, runInTerminal } from "./support.ts";

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "create-bullmq-workflows-"));
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
  return folder;
}

async function readJson(...path: readonly string[]): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(...path), "utf8")) as Record<string, unknown>;
}

test.each(TEMPLATES)(
  "%s: every file is written, with the folder's name and this version",
  async (template) => {
    const directory = join(await emptyFolder(), "My Orders!");

    const { name, files } = await createProject({ directory, template });

    expect(name).toBe("my-orders");
    expect(files).toEqual(
      expect.arrayContaining([".gitignore", "README.md", "package.json", "tsconfig.json"]),
    );
    for (const file of files) {
      const text = await readFile(join(directory, file), "utf8");
      expect(text).not.toMatch(/\{\{|\}\}/);
    }
    const { version } = await readJson(import.meta.dirname, "../package.json");
    const written = await readJson(directory, "package.json");
    expect(written["name"]).toBe("my-orders");
    expect(written["dependencies"]).toMatchObject({ "@bullmq-workflows/cli": version });
  },
);

test.each(TEMPLATES)(
  "%s: what is not this project's is of the versions that it is tested with",
  async (template) => {
    const root = await readJson(import.meta.dirname, "../../../package.json");
    const starter = await readJson(
      import.meta.dirname,
      "../../../examples/cloudflare-starter/package.json",
    );
    const known = {
      ...(root["devDependencies"] as object),
      ...(starter["devDependencies"] as object),
    };
    const written = await readJson(import.meta.dirname, `../templates/${template}/package.json`);

    const others = Object.entries(written["devDependencies"] as object).filter(
      ([, version]) => version !== "{{version}}",
    );

    expect(others.length).toBeGreaterThan(0);
    expect(known).toMatchObject(Object.fromEntries(others));
  },
);

test("nothing is overwritten, and then nothing is written at all", async () => {
  const directory = await emptyFolder();
  await mkdir(join(directory, "src"));
  await writeFile(join(directory, "src/workflows.ts"), "mine");
  await writeFile(join(directory, "notes.txt"), "mine");

  const refused = createProject({ directory });

  await expect(refused).rejects.toThrow(ProjectExistsError);
  await expect(refused).rejects.toThrow("already has src/workflows.ts. Nothing was written");
  expect(await readFile(join(directory, "src/workflows.ts"), "utf8")).toBe("mine");
  expect(existsSync(join(directory, "package.json"))).toBe(false);
});

test("other files in the folder are no hindrance", async () => {
  const directory = await emptyFolder();
  await writeFile(join(directory, "notes.txt"), "mine");

  await createProject({ directory });

  expect(existsSync(join(directory, "package.json"))).toBe(true);
});

test("without a terminal nothing is asked, and what to do next is said", async () => {
  const folder = await emptyFolder();

  const { code, output } = await runCreate(folder, []);

  expect(code).toBe(0);
  expect(output).toContain("  cd my-workflows\n  npm install\n  npm run dev\n");
  expect(existsSync(join(folder, "my-workflows/src/workflows.ts"))).toBe(true);
  expect(await runCreate(folder, [])).toMatchObject({
    code: 1,
    output: expect.stringContaining("Nothing was written"),
  });
});

test.each([
  ["orders", "orders"],
  ["", "my-workflows"],
])("in a terminal the folder is asked for: %o", async (answer, name) => {
  const folder = await emptyFolder();

  const { code, output } = await runInTerminal(folder, answer);

  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toContain("Folder for the project (my-workflows): ");
  expect(existsSync(join(folder, name, "package.json"))).toBe(true);
});

test.each([
  [["a", "b"], "Expected one folder, got a, b"],
  [["--template", "python"], 'There is no template "python": there are plain and cloudflare'],
  [["--colour"], "--colour"],
])("%o", async (args, text) => {
  const { code, output } = await runCreate(await emptyFolder(), args);

  expect(code).toBe(1);
  expect(output).toContain(text);
});
