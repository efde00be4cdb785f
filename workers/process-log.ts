import pino, { type Logger } from 'pino';

/** Lines that wait while the disk is full; later ones are dropped. */
const MAX_WAITING_BYTES = 2 ** 20;

/**
 * The log of one process, as lines of JSON. A disk that is full costs lines, and nothing else: by default the first line
 * that cannot be written ends the process, or rather has it wait at its end for room.
 * @param descriptor where they go; default: standard output
 */
export function openProcessLog(name: string, level: string, descriptor = 1): Logger {
  const destination = pino.destination({ dest: descriptor, sync: true, maxLength: MAX_WAITING_BYTES });
  // What failed is tried again with the next line.
  destination.on('error', () => undefined);
  return pino({ name, level }, destination);
}
