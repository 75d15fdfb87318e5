/** Writes the types of the client anew. */
import { writeFileSync } from "node:fs";
import { toDocument } from "../../server/src/openapi/document.ts";
import { ROUTES } from "../../server/src/routes.ts";
import { VERSION } from "../../server/src/version.ts";
import { toSource } from "./to-source.ts";

const document = toDocument(ROUTES, { basePath: "/client/v4", version: VERSION });
writeFileSync(new URL("../src/api.generated.ts", import.meta.url), toSource(document));
