import type { NetworkSettings } from './network-settings';
import { ofPair } from './region-pairs';

/** Bytes a second between two regions; Infinity where nothing limits it. */
export function bandwidthBetween({ bandwidth }: Pick<NetworkSettings, 'bandwidth'>, from: string, to: string): number {
  return ofPair(bandwidth, from, to) ?? Number.POSITIVE_INFINITY;
}
