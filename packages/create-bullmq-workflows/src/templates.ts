/** What a project can begin as. */

export const TEMPLATES = ["plain", "cloudflare"] as const;

export type Template = (typeof TEMPLATES)[number];

export function isTemplate(name: string): name is Template {
  return TEMPLATES.some((each) => each === name);
}

/** Where a template's files are. */
export function folderOf(template: Template): URL {
  return new URL(`../templates/${template}/`, import.meta.url);
}
