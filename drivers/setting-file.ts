import { readFileSync } from 'node:fs';
import { PlatformError } from '../core/error/platform-error';

/** The content of a file that a setting names. @throws PlatformError invalid_argument that names both */
export function readSettingFile(setting: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new PlatformError('invalid_argument', `${setting}: the file ${file} cannot be read`, { cause: error });
  }
}
