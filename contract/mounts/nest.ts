import "reflect-metadata";
import { Body, Controller, Get, Module, Post } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { toNodeHandler } from "@bullmq-workflows/server/node";
import { tend } from "./listen.ts";
import { server } from "./server.ts";

@Controller()
class HostController {
  @Get()
  show(): string {
    return "the host's own page";
  }

  @Post("echo")
  echo(@Body() body: unknown): unknown {
    return body;
  }
}

@Module({ controllers: [HostController] })
class HostModule {
  readonly name = "host";
}

const app = await NestFactory.create<NestExpressApplication>(HostModule, { logger: ["error"] });
// The two lines, with the import above.
app.use("/client/v4", toNodeHandler(server));

await app.listen(0, "127.0.0.1");
tend(app.getHttpServer());
