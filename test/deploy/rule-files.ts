import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { assetPath } from '../../drivers/asset-path';

export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The rules of deploy/chart/prometheus, in their order. */
export function rulesOf(file: 'recording' | 'alerts'): readonly Rule[] {
  const text = readFileSync(path.join(assetPath('deploy/chart/prometheus'), `${file}.rules.yaml`), 'utf8');
  const { groups } = parse(text) as { groups: readonly { readonly rules: readonly Rule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}
