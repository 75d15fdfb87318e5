/** The same with the parsers of bodies ahead of it, as it is in many programs. */
import express from "express";
import { toNodeHandler } from "@bullmq-workflows/server/node";
import { tend } from "./listen.ts";
import { server } from "./server.ts";

const app = express();
app.use(express.json(), express.text(), express.urlencoded());
app.use("/client/v4", toNodeHandler(server));

app.get("/", (_request, response) => void response.send("the host's own page"));
app.post("/echo", (request, response) => void response.json(request.body));
tend(app.listen(0, "127.0.0.1"));
