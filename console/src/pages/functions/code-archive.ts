/** A file of a function, its path relative to the code folder with `/` between names. */
export interface CodeFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const BLOCK = 512;
/** Of a `ustar` header: the field for a path, and the one for what does not fit in it. */
const [NAME_BYTES, PREFIX_BYTES] = [100, 155];
/** A browser does not know which files are programs: all may be run. */
const MODE = 0o755;
const encoder = new TextEncoder();

/**
 * Files as a tar archive (POSIX ustar): sorted, without times and owners, so that equal files give equal bytes.
 * @throws Error naming the file whose path is too long to be written
 */
export function codeArchive(files: readonly CodeFile[]): Uint8Array<ArrayBuffer> {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const size = sorted.reduce((sum, { bytes }) => sum + BLOCK + padded(bytes.length), 2 * BLOCK);
  const archive = new Uint8Array(size);
  let at = 0;
  for (const { path, bytes } of sorted) {
    archive.set(headerOf(path, bytes.length), at);
    archive.set(bytes, at + BLOCK);
    at += BLOCK + padded(bytes.length);
  }
  return archive;
}

const padded = (length: number): number => Math.ceil(length / BLOCK) * BLOCK;

function headerOf(path: string, size: number): Uint8Array {
  const header = new Uint8Array(BLOCK);
  const [prefix, name] = splitPath(path);
  const put = (text: string, at: number): void => header.set(encoder.encode(text), at);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
  put(name, 0);
  put(`${octal(MODE, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100);
  put(`${octal(size, 11)}\0${octal(0, 11)}\0`, 124);
  // The sum is taken with spaces in its own place.
  put('        0', 148);
  put('ustar\x0000', 257);
  put(prefix, 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(`${octal(sum, 6)}\0 `, 148);
  return header;
}

/** A long path goes into two fields, parted at a slash. */
function splitPath(path: string): [prefix: string, name: string] {
  if (encoder.encode(path).length <= NAME_BYTES) return ['', path];
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (encoder.encode(prefix).length <= PREFIX_BYTES && encoder.encode(name).length <= NAME_BYTES)
      return [prefix, name];
  }
  throw new Error(`The path ${path} is too long for an archive: shorten its names, or deploy with the command line`);
}
