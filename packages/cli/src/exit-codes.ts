/** What the command line ends with. Scripts rely on these: docs/cli.md lists them, a test compares. */
export const EXIT = {
  /** It was done. */
  ok: 0,
  /** It was not, for any reason that has no code of its own. */
  failed: 1,
  /** The command line itself makes no sense: nothing was tried. */
  usage: 2,
  /** There is no such workflow, instance, step, token or profile. */
  notFound: 3,
  /** The server does not know who is calling, or he may not. */
  refused: 4,
  /** The server, or Redis, is away or too busy: worth repeating. */
  unavailable: 5,
  /** Ctrl-C, as shells have it. */
  interrupted: 130,
} as const;
