/** Runs a process that ends when its work does: with status 0, or with 1 and the reason as the last line of its log. */
export function runToEnd(name: string, main: () => Promise<void>): void {
  main().then(
    () => process.exit(0),
    (error: unknown) => {
      const msg = error instanceof Error ? error.stack : String(error);
      process.stderr.write(`${JSON.stringify({ level: 60, event: `${name}.failed`, msg })}\n`);
      process.exit(1);
    },
  );
}
