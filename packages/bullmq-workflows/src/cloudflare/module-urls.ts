/** Which of our files stands for which of Cloudflare's modules. */

/** Built files lie beside each other as sources do, so only the ending differs. */
const ENDING = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

export const MODULE_URLS: Readonly<Record<string, string>> = {
  "cloudflare:workers": toUrl("workers"),
  "cloudflare:workflows": toUrl("workflows"),
  "cloudflare:sockets": toUrl("sockets"),
  "cloudflare:email": toUrl("email"),
};

export const HOOKS_URL: string = toUrl("hooks");
export const LIBRARY_URL: string = toUrl("../index");
export const LOADER_URL: string = toUrl("loader");

function toUrl(path: string): string {
  return new URL(`./${path}${ENDING}`, import.meta.url).href;
}
