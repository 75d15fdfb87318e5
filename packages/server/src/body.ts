/** Reads the body of a call as JSON, and no more of it than is allowed. */
import { ApiError, invalidInput } from "./api-error.ts";

/** @throws {@link ApiError} 413 when it is too large, 400 when it is missing or no JSON */
export async function readJson(request: Request, limitBytes: number): Promise<unknown> {
  const text = await readText(request, limitBytes);
  if (text.trim() === "") throw invalidInput("the body is missing");
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalidInput("the body is not JSON");
  }
}

/** The same for a body that need not be there: one that is missing, or no JSON, is `undefined`. */
export async function readJsonIfAny(request: Request, limitBytes: number): Promise<unknown> {
  const text = await readText(request, limitBytes);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // What it is for goes without it.
    return undefined;
  }
}

async function readText(request: Request, limitBytes: number): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > limitBytes) throw tooLarge(limitBytes);
  if (!request.body) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Who lies about the length, or says nothing of it, is found out here.
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > limitBytes) throw tooLarge(limitBytes);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw invalidInput("the body is not UTF-8");
  }
}

function tooLarge(limitBytes: number): ApiError {
  const { code, message } = invalidInput(`the body is larger than ${limitBytes} bytes`);
  return new ApiError(413, code, message);
}
