/** CPU time of other processes, as Linux counts it. */
import { readdir, readFile } from "node:fs/promises";

const TICK_MS = 10;
const NS_PER_MS = 1e6;

/** User and system ms of a process, of its children, and of those that have ended; absent elsewhere than on Linux. */
export async function readCpuMs(pids: readonly number[]): Promise<number | undefined> {
  if (process.platform !== "linux" || pids.length === 0) return undefined;
  let total = 0;
  for (const pid of pids) {
    for (const each of [pid, ...(await childrenOf(pid))]) total += await readThreads(each);
    total += await readEndedChildren(pid);
  }
  return total;
}

/** The scheduler's own account has ns, while /proc/<pid>/stat has 10 ms. */
async function readThreads(pid: number): Promise<number> {
  try {
    const threads = await readdir(`/proc/${pid}/task`);
    const files = threads.map((thread) => `/proc/${pid}/task/${thread}/schedstat`);
    const texts = await Promise.all(files.map(async (file) => await readFile(file, "utf8")));
    return texts.reduce((sum, text) => sum + Number(text.split(" ")[0]), 0) / NS_PER_MS;
  } catch {
    // It has no such account, or a thread ended while it was read.
    const { own } = await readStat(pid);
    return own;
  }
}

async function readEndedChildren(pid: number): Promise<number> {
  const { children } = await readStat(pid);
  return children;
}

async function readStat(pid: number): Promise<{ own: number; children: number }> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The second field is a name in parentheses, which may hold spaces.
  const fields = text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15);
  return { own: (utime + stime) * TICK_MS, children: (cutime + cstime) * TICK_MS };
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return text.split(" ").filter(Boolean).map(Number);
}
