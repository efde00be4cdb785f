import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { TryReport } from '../../drivers/async-queue/async-queue';

/** Reports that the database could not take yet, as files: they outlive the process. */
export class ReportSpool {
  constructor(private readonly folder: string) {}

  /** Durable once resolved. */
  async keep(report: TryReport): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const file = this.#fileOf(report);
    const handle = await open(`${file}.tmp`, 'w', 0o600);
    try {
      await handle.writeFile(JSON.stringify(report, bytesAsText));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${file}.tmp`, file);
  }

  /** The report has been written where it belongs. */
  async drop(report: Pick<TryReport, 'id' | 'try'>): Promise<void> {
    await rm(this.#fileOf(report), { force: true });
  }

  /** What an earlier process left. A file that cannot be read is left out: its try is made anew. */
  async left(): Promise<TryReport[]> {
    const names = await readdir(this.folder).catch(() => []);
    const reports: TryReport[] = [];
    for (const name of names.filter((file) => file.endsWith('.json'))) {
      const report = await readFile(path.join(this.folder, name), 'utf8')
        .then((text) => JSON.parse(text, textAsBytes) as TryReport)
        .catch(() => undefined);
      if (report) reports.push(report);
    }
    return reports;
  }

  #fileOf(report: Pick<TryReport, 'id' | 'try'>): string {
    return path.join(this.folder, `${report.id}.${report.try}.json`);
  }
}

/** Buffers turn themselves into `{type: 'Buffer', data: [numbers]}`, which is four times their size. */
function bytesAsText(this: unknown, key: string, value: unknown): unknown {
  const original: unknown = typeof this === 'object' && this !== null ? Reflect.get(this, key) : undefined;
  return Buffer.isBuffer(original) ? { base64: original.toString('base64') } : value;
}

function textAsBytes(_key: string, value: unknown): unknown {
  const text: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'base64') : undefined;
  return typeof text === 'string' ? Buffer.from(text, 'base64') : value;
}
