/** The first workload again, on other arrangements of workers and Redis. */
import { quantile } from "../measure.ts";
import type { Workload } from "../workload.ts";
import { steps } from "./steps.ts";

const LONE_RUNS = 50;

export const workers: Workload = {
  ...steps,
  name: "workers",
  title: "One, two and four worker processes",
  about:
    "The first workload with more worker processes on one machine. They share its cores with Redis and with " +
    "the process that creates the workflows: where cores are few, more workers cannot be faster.",
  variants: [
    { name: "1 worker", workers: 1 },
    { name: "2 workers", workers: 2 },
    { name: "4 workers", workers: 4, isLeftOutWhenQuick: true },
  ],
};

export const cluster: Workload = {
  ...steps,
  name: "cluster",
  title: "Redis Cluster of one and of three nodes",
  about:
    "The first workload spread over three workflows (queues, for the floor), which lie on one node or on a " +
    "node each. A workflow is one partition today, so that a single one does not spread: this is as far as " +
    "a cluster helps now. All nodes share this machine's cores.",
  variants: [
    { name: "1 node", clusterNodes: 1, isLeftOutWhenQuick: true },
    { name: "3 nodes", clusterNodes: 3 },
  ],
};

export const fsync: Workload = {
  ...steps,
  name: "fsync",
  title: "What appendfsync costs",
  about:
    "The first workload, and a workflow alone, by when Redis syncs its append-only file: when the system " +
    "likes (no), every second, or before it answers (always).",
  figures: [
    ...steps.figures.slice(0, 1),
    { key: "p50", title: "p50 ms alone", better: "less" },
    { key: "p99", title: "p99 ms alone", better: "less" },
    ...steps.figures.slice(1),
  ],
  variants: [
    { name: "no", redis: { appendfsync: "no" }, isLeftOutWhenQuick: true },
    { name: "everysec", redis: { appendfsync: "everysec" } },
    { name: "always", redis: { appendfsync: "always" } },
  ],
  async measure(session, size, scale) {
    const many = await steps.measure(session, size, scale);
    const group = session.group({ name: "steps", count: 3, ms: 0 }, LONE_RUNS);
    const { latencies } = await session.lone(group);
    return { ...many, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
  },
};
