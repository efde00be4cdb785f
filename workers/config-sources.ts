import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { PlatformError } from '../core/error/platform-error';

/** The settings of a YAML file; none without one. @throws PlatformError invalid_argument when it cannot be read */
export function fromFile(file: string | undefined): Record<string, unknown> {
  if (!file) return {};
  try {
    const value: unknown = parseYaml(readFileSync(file, 'utf8'));
    if (value === null || value === undefined) return {};
    if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
    throw new Error('it is not a mapping of settings');
  } catch (error) {
    throw new PlatformError(
      'invalid_argument',
      `The configuration file ${file} cannot be read: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/**
 * `PRESAGE__A__B=x` is {a: {b: x}}; names match the schema's keys without regard to case; what begins like an array or an
 * object is JSON. @throws PlatformError invalid_argument that names the variable whose JSON is none
 */
export function fromEnvironment(env: NodeJS.ProcessEnv, sections: unknown): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('PRESAGE__') || text === undefined) continue;
    const words = name.slice('PRESAGE__'.length).split('__');
    let schema: unknown = sections;
    let target = out;
    words.forEach((word, index) => {
      const shape = shapeOf(schema);
      const key = Object.keys(shape).find((candidate) => candidate.toLowerCase() === word.toLowerCase()) ?? word;
      schema = shape[key];
      if (index === words.length - 1) target[key] = /^\s*[[{]/.test(text) ? jsonOf(name, text) : text;
      else target = (target[key] ??= {}) as Record<string, unknown>;
    });
  }
  return out;
}

function jsonOf(name: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new PlatformError('invalid_argument', `${name} is not valid JSON: ${(error as Error).message}`, {
      cause: error,
      hint: 'Values that begin with [ or { are read as JSON.',
    });
  }
}

function shapeOf(schema: unknown): Record<string, unknown> {
  let current = schema as { shape?: Record<string, unknown>; def?: { innerType?: unknown } } | undefined;
  while (current && !current.shape && current.def?.innerType) current = current.def.innerType;
  return current?.shape ?? {};
}

/** `over` over `base`; objects are merged, all else is replaced, and what is undefined changes nothing. */
export function deepMerge(base: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const out = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const old = out[key];
    out[key] = isRecord(old) && isRecord(value) ? deepMerge(old, value) : value;
  }
  return out;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
