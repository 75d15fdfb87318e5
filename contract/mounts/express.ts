import express from "express";
import { toNodeHandler } from "@bullmq-workflows/server/node";
import { tend } from "./listen.ts";
import { server } from "./server.ts";

const app = express();
// The two lines, with the import above.
app.use("/client/v4", toNodeHandler(server));

app.use(express.json());
app.get("/", (_request, response) => void response.send("the host's own page"));
app.post("/echo", (request, response) => void response.json(request.body));
tend(app.listen(0, "127.0.0.1"));
