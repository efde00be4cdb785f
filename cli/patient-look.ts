import { PlatformError } from '../core/error/platform-error';
import type { ApiClient } from './api-client';

/** How long a platform that is away is forgiven, milliseconds. */
const AWAY_MS = 60_000;

/** Looks at something that goes on without us, again and again: a platform that is restarted meanwhile is waited for. */
export class PatientLook {
  #lastSeen = performance.now();

  constructor(private readonly api: ApiClient) {}

  /** @returns undefined while the platform is away @throws PlatformError what it answers; unavailable when it stays away */
  async at<T>(path: string): Promise<T | undefined> {
    try {
      const found = await this.api.get<T>(path);
      this.#lastSeen = performance.now();
      return found;
    } catch (error) {
      const away = error instanceof PlatformError && error.code === 'unavailable';
      if (!away || performance.now() - this.#lastSeen > AWAY_MS) throw error;
      return undefined;
    }
  }
}
