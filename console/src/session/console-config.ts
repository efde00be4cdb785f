import type { ConsoleConfig } from '../../../gateway/console/console-config';
import { get } from '../lib/api';

let asked: Promise<ConsoleConfig> | undefined;

/** What the gateway says of itself to whoever is not logged in. @throws ApiError */
export function consoleConfig(): Promise<ConsoleConfig> {
  asked ??= get<ConsoleConfig>('/console/config.json').catch((error: unknown) => {
    asked = undefined;
    throw error;
  });
  return asked;
}
