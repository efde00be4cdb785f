import { PlatformError } from '../error/platform-error';

const MEMORY_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** How each quantity is written. */
export const MEMORY = /^(\d+(?:\.\d+)?)(|k|M|G|T|Ki|Mi|Gi|Ti)$/;
export const CPU = /^(\d+)m$|^(\d+(?:\.\d+)?)$/;
export const DURATION = /^(\d+(\.\d+)?(ms|s|m|h|d))+$/;

const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 60e3, h: 3600e3, d: 86400e3 };

/** A Kubernetes memory quantity (`128Mi`, `1G`, `1048576`) in bytes. @throws PlatformError invalid_argument */
export function parseMemory(text: string): number {
  const match = MEMORY.exec(text);
  const unit = match ? MEMORY_UNITS[match[2] ?? ''] : undefined;
  if (!match || unit === undefined) {
    throw new PlatformError('invalid_argument', `"${text}" is not a memory quantity; write e.g. 128Mi or 1Gi`);
  }
  return Math.round(Number(match[1]) * unit);
}

/** A Kubernetes CPU quantity (`250m`, `0.5`, `2`) in thousandths of a core. @throws PlatformError invalid_argument */
export function parseCpu(text: string): number {
  const match = CPU.exec(text);
  if (!match) throw new PlatformError('invalid_argument', `"${text}" is not a CPU quantity; write e.g. 250m or 0.5`);
  return match[1] === undefined ? Math.round(Number(match[2]) * 1000) : Number(match[1]);
}

/** A duration (`500ms`, `30s`, `5m`, `1h30m`) in milliseconds. @throws PlatformError invalid_argument */
export function parseDuration(text: string): number {
  if (!DURATION.test(text)) {
    throw new PlatformError('invalid_argument', `"${text}" is not a duration; write e.g. 500ms, 30s or 5m`);
  }
  let total = 0;
  for (const [, value, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(value) * (DURATION_UNITS[unit ?? ''] ?? 0);
  }
  return total;
}
