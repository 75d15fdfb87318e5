/** What a benchmark has measured, for people. */
import { table } from "../table.ts";
import type { Text } from "../text.ts";
import type { BenchResult } from "./bench.ts";

interface Row {
  readonly what: string;
  readonly job: number;
  readonly workflow: number;
  readonly unit: string;
}

export function reportOn({ plan, durability, job, workflow }: BenchResult, width: number): Text[] {
  const rows: readonly Row[] = [
    { what: "throughput", unit: "/s", job: job.perSecond, workflow: workflow.perSecond },
    { what: "latency p50", unit: "ms", job: job.latency.p50Ms, workflow: workflow.latency.p50Ms },
    { what: "latency p99", unit: "ms", job: job.latency.p99Ms, workflow: workflow.latency.p99Ms },
    { what: "CPU, this process", unit: "ms", job: job.ownCpuMs, workflow: workflow.ownCpuMs },
    { what: "CPU, Redis", unit: "ms", job: job.redisCpuMs, workflow: workflow.redisCpuMs },
  ];
  const shown = (value: number, unit: string): string => {
    return `${value >= 100 ? Math.round(value) : value.toFixed(2)} ${unit}`;
  };
  return [
    ...table<Row>(
      [
        { title: "", cell: ({ what }) => what },
        { title: "raw BullMQ job", cell: ({ job, unit }) => shown(job, unit) },
        {
          title: `workflow of ${plan.steps} steps`,
          cell: ({ workflow, unit }) => shown(workflow, unit),
        },
        {
          title: "ratio",
          cell: ({ job, workflow }) => (job > 0 ? `${(workflow / job).toFixed(2)} ×` : "-"),
        },
      ],
      rows,
      width,
    ),
    "",
    `${plan.instances} of each, ${plan.concurrency} at once; latency of ${plan.latencyCount}, one after another.`,
    "Client and worker share this process; CPU is per job or workflow. The job keeps nothing and does nothing.",
    `Redis is of durability grade ${durability}`,
  ];
}
