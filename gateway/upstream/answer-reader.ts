/** Told of an answer as it arrives. */
export interface AnswerSink {
  /** @param headers flat: name, value, name, value; also called for informational answers (status below 200) */
  head(status: number, reason: string, headers: string[]): void;
  data(chunk: Buffer): void;
  end(): void;
  /** The connection is a WebSocket from here on. @param rest what has come of it; the reader is done */
  switched(headers: string[], rest: Buffer): void;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const MAX_HEAD_BYTES = 64 * 1024;
/** Of a chunk's size with its extensions, and of each trailer. */
const MAX_LINE_BYTES = 4 * 1024;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/;
const FORBIDDEN_IN_REASON = /[^\t\x20-\x7e\x80-\xff]/;
/** What a byte may be part of: a header's name (RFC 9110 §5.6.2), its value (§5.5). */
const IN_NAME = 1;
const IN_VALUE = 2;
const BYTES = Uint8Array.from({ length: 256 }, (_, byte) => {
  const inName = /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(byte));
  const inValue = byte === 0x09 || (byte >= 0x20 && byte !== 0x7f);
  return (inName ? IN_NAME : 0) | (inValue ? IN_VALUE : 0);
});
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;
const LENGTH = /^\d{1,15}$/;
const CHUNK_SIZE = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i;

type State = 'head' | 'fixed' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailers' | 'until-close' | 'done';

/**
 * Reads HTTP/1.1 answers, one after the other, from the bytes of a connection. It is strict: what could be read in two
 * ways (two lengths, a length beside chunks, folded or bare lines) is an error, and the connection is not used again.
 */
export class AnswerReader {
  /** Another answer may follow on the connection. */
  reusable = true;
  /** Milliseconds after which the server closes an idle connection, where it says so. */
  idleMs: number | undefined;
  #state: State = 'done';
  #withoutBody = false;
  #webSocketAsked = false;
  /** Bytes of the body, or of the chunk, that are still to come. */
  #left = 0;
  /** A line or a head that has come in part. */
  #partial: Buffer | undefined;

  constructor(private readonly sink: AnswerSink) {}

  /** The next bytes are the answer to a request with this method, which may have asked for a WebSocket. */
  begin(method: string, webSocketAsked = false): void {
    this.#webSocketAsked = webSocketAsked;
    this.#state = 'head';
    this.#withoutBody = method === 'HEAD';
    this.#partial = undefined;
  }

  /** @throws Error when the bytes are no answer */
  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      switch (this.#state) {
        case 'head': {
          const bytes = this.#joined(rest);
          const end = bytes.indexOf(HEAD_END);
          if (end === -1) return this.#keep(bytes, MAX_HEAD_BYTES);
          if (end > MAX_HEAD_BYTES) throw malformed('its head is too long');
          rest = bytes.subarray(end + 4);
          const switched = this.#head(bytes.toString('latin1', 0, end));
          if (switched) return this.sink.switched(switched, rest);
          break;
        }
        case 'fixed':
        case 'chunk-data': {
          const all = rest.length <= this.#left;
          const part = all ? rest : rest.subarray(0, this.#left);
          this.#left -= part.length;
          const complete = this.#left === 0;
          this.sink.data(part);
          if (complete && this.#state === 'fixed') this.#end();
          else if (complete) this.#state = 'chunk-end';
          if (all) return;
          rest = rest.subarray(part.length);
          break;
        }
        case 'until-close':
          this.sink.data(rest);
          return;
        case 'done':
          throw malformed('more bytes than its answer came');
        default: {
          const bytes = this.#joined(rest);
          const end = bytes.indexOf('\r\n');
          if (end === -1) return this.#keep(bytes, MAX_LINE_BYTES);
          rest = bytes.subarray(end + 2);
          this.#line(this.#state, bytes.toString('latin1', 0, end));
        }
      }
    }
  }

  /** The connection has ended. @returns whether the answer is whole */
  close(): boolean {
    if (this.#state === 'until-close') this.#end();
    return this.#state === 'done';
  }

  /** The headers of an answer that makes the connection a WebSocket; undefined for every other. */
  #head(text: string): string[] | undefined {
    const lineEnd = text.indexOf('\r\n');
    const first = lineEnd === -1 ? text : text.slice(0, lineEnd);
    const [, minor, code, reason = ''] = STATUS_LINE.exec(first) ?? [];
    if (code === undefined || FORBIDDEN_IN_REASON.test(reason)) throw malformed('its status line is not valid');
    const status = Number(code);
    const headers = headersOf(text, first.length + 2);
    let length: string | undefined;
    let coding: string | undefined;
    this.reusable = minor === '1';
    for (let i = 0; i < headers.length; i += 2) {
      const name = headers[i] as string;
      const value = headers[i + 1] as string;
      // Only names as long as one of these are worth a look.
      if (name.length !== 10 && name.length !== 14 && name.length !== 17) continue;
      switch (name.toLowerCase()) {
        case 'connection':
          if (/\bclose\b/i.test(value)) this.reusable = false;
          break;
        case 'keep-alive':
          this.idleMs = Number(/\btimeout=(\d{1,9})/i.exec(value)?.[1] ?? Number.NaN) * 1000 || undefined;
          break;
        case 'content-length':
          if (length !== undefined || !LENGTH.test(value)) throw malformed('its length is not valid');
          length = value;
          break;
        case 'transfer-encoding':
          if (coding !== undefined || value.toLowerCase() !== 'chunked') throw malformed('its coding is not chunked');
          coding = value;
          break;
      }
    }
    if (length !== undefined && coding !== undefined) throw malformed('it has a length and is chunked');
    if (status === 101) return this.#switch(headers);
    this.#frame(status, length, coding !== undefined);
    this.sink.head(status, reason, headers);
    if (this.#state === 'fixed' && this.#left === 0) this.#end();
    return undefined;
  }

  #switch(headers: string[]): string[] {
    const to = headers.find((_, i) => i % 2 === 1 && headers[i - 1]?.toLowerCase() === 'upgrade');
    if (!this.#webSocketAsked || to?.toLowerCase() !== 'websocket') {
      throw malformed('it changes to a protocol that it was not asked for');
    }
    this.#state = 'done';
    this.reusable = false;
    return headers;
  }

  #frame(status: number, length: string | undefined, chunked: boolean): void {
    // After an informational answer the true one follows.
    if (status < 200) return;
    if (this.#withoutBody || status === 204 || status === 304) {
      this.#state = 'fixed';
      this.#left = 0;
    } else if (chunked) {
      this.#state = 'chunk-size';
    } else if (length !== undefined) {
      this.#state = 'fixed';
      this.#left = Number(length);
    } else {
      this.#state = 'until-close';
      this.reusable = false;
    }
  }

  #line(state: State, line: string): void {
    if (state === 'chunk-size') {
      const size = CHUNK_SIZE.exec(line)?.[1];
      if (size === undefined) throw malformed('the size of a chunk is not valid');
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? 'trailers' : 'chunk-data';
    } else if (state === 'chunk-end') {
      if (line !== '') throw malformed('a chunk is longer than it says');
      this.#state = 'chunk-size';
    } else if (line === '') {
      this.#end();
    }
  }

  #end(): void {
    this.#state = 'done';
    this.sink.end();
  }

  #joined(chunk: Buffer): Buffer {
    if (this.#partial === undefined) return chunk;
    const joined = Buffer.concat([this.#partial, chunk]);
    this.#partial = undefined;
    return joined;
  }

  #keep(bytes: Buffer, most: number): void {
    if (bytes.length > most) throw malformed('a part of its head is too long');
    this.#partial = bytes;
  }
}

/**
 * Name and value by turns, in one pass over the lines: each is looked at byte by byte, once.
 * @param text latin1, without the empty line at the end; the first header begins at `from`
 */
function headersOf(text: string, from: number): string[] {
  const headers: string[] = [];
  const { length } = text;
  for (let at = from; at < length;) {
    let colon = at;
    while (colon < length && isPart(text, colon, IN_NAME)) colon++;
    if (colon === at || colon === length || text.charCodeAt(colon) !== COLON) throw malformed('a header is not valid');
    let start = colon + 1;
    while (start < length && isBlank(text, start)) start++;
    let next = start;
    while (next < length && isPart(text, next, IN_VALUE)) next++;
    if (next < length && (text.charCodeAt(next) !== CR || text.charCodeAt(next + 1) !== LF)) {
      throw malformed('a header is not valid');
    }
    let end = next;
    while (end > start && isBlank(text, end - 1)) end--;
    headers.push(text.slice(at, colon), text.slice(start, end));
    at = next + 2;
  }
  return headers;
}

function isPart(text: string, index: number, part: number): boolean {
  return ((BYTES[text.charCodeAt(index)] ?? 0) & part) !== 0;
}

function isBlank(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code === SPACE || code === TAB;
}

function malformed(what: string): Error {
  return new Error(`the answer is not valid HTTP: ${what}`);
}
