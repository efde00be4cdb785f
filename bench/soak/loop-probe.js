'use strict';
// Preloaded into the platform's Node.js processes: writes how late their event loops were, each few seconds, to a file
// of each process's own. One line: Unix milliseconds, 99th percentile and longest delay in milliseconds.
const { appendFileSync } = require('node:fs');
const path = require('node:path');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { isMainThread } = require('node:worker_threads');

const { PRESAGE_BENCH_LOOPS: folder } = process.env;
const EVERY_MS = 10_000;
const RESOLUTION_MS = 10;

// Worker threads have loops of their own, which nobody waits for.
if (folder && isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  setInterval(() => {
    // The timer's own period is part of what is measured.
    const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS).toFixed(2);
    const line = `${Date.now()} ${late(delay.percentile(99))} ${late(delay.max)}\n`;
    delay.reset();
    try {
      appendFileSync(path.join(folder, String(process.pid)), line);
    } catch {
      // the bench has ended
    }
  }, EVERY_MS).unref();
}
