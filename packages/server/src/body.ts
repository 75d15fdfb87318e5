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
  const bytes = await readBytes(request.body, limitBytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw invalidInput("the body is not UTF-8");
  }
}

async function readBytes(body: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.byteLength;
      // Who lies about the length, or says nothing of it, is found out here.
      if (size > limitBytes) throw tooLarge(limitBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    // Whoever hung up before the end hears nothing of it. It is nobody else's error.
    throw error instanceof ApiError ? error : invalidInput("the body broke off");
  }
  return Buffer.concat(chunks);
}

function tooLarge(limitBytes: number): ApiError {
  const { code, message } = invalidInput(`the body is larger than ${limitBytes} bytes`);
  return new ApiError(413, code, message);
}
