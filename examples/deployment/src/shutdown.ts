/** Ends the process in order when its supervisor asks for it, and at once when it asks again. */
export function onTermination(end: () => Promise<unknown>): void {
  let isEnding = false;
  const terminate = (): void => {
    if (isEnding) process.exit(1);
    isEnding = true;
    void end().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", terminate);
  process.on("SIGINT", terminate);
}
