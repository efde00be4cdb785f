'use strict';
/** Transpiles and type-checks a posted TypeScript program: POST it as text, or as JSON {"code": "…"}. */
const ts = require('./vendor/typescript/lib/typescript.js');

const FILE = '/posted.ts';
const options = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ES2022,
  lib: ['lib.es2022.d.ts', 'lib.webworker.d.ts'],
  types: [],
  strict: true,
};

let posted = { text: '', version: 0 };
const host = {
  getScriptFileNames: () => [FILE],
  getScriptVersion: (file) => (file === FILE ? String(posted.version) : '1'),
  getScriptSnapshot: (file) => {
    const text = file === FILE ? posted.text : ts.sys.readFile(file);
    return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
  },
  getCurrentDirectory: () => '/',
  getCompilationSettings: () => options,
  getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
  fileExists: (file) => file === FILE || ts.sys.fileExists(file),
  readFile: (file) => (file === FILE ? posted.text : ts.sys.readFile(file)),
};
const service = ts.createLanguageService(host, ts.createDocumentRegistry());

function compile(text) {
  posted = { text, version: posted.version + 1 };
  const found = [...service.getSyntacticDiagnostics(FILE), ...service.getSemanticDiagnostics(FILE)];
  const diagnostics = found.map(({ file, start = 0, code, messageText }) => {
    const at = file.getLineAndCharacterOfPosition(start);
    const message = ts.flattenDiagnosticMessageText(messageText, '\n');
    return { line: at.line + 1, character: at.character + 1, code: `TS${code}`, message };
  });
  const { outputFiles } = service.getEmitOutput(FILE);
  return { javascript: outputFiles[0]?.text ?? '', diagnostics };
}

// The heavy part, done once: reads, parses and binds the language's own declarations and checks programs that use much of them.
compile(`
  class Shelf<T extends { id: string }> {
    readonly #items = new Map<string, T>();
    add(item: T): this { this.#items.set(item.id, item); return this; }
    async *all(): AsyncGenerator<T> { for (const item of this.#items.values()) yield item; }
  }
  const shelf = new Shelf<{ id: string; pages: number }>().add({ id: 'a', pages: 3 });
  export const pages = async (): Promise<number> => {
    let sum = 0;
    for await (const { pages } of shelf.all()) sum += pages;
    return [sum].map((value) => value.toString().padStart(3)).flatMap(Number).reduce((a, b) => a + b, 0);
  };
  export const words = (text: string): Record<string, number> =>
    Object.fromEntries([...text.matchAll(/\\w+/g)].map((match, index) => [match[0], index] as const));
  export const proxy = new Proxy<Record<string, unknown>>({}, { get: (target, key) => Reflect.get(target, key) });
  export const big = (value: bigint) => new BigInt64Array([value]).at(0) ?? 0n;
`);

exports.handler = (req, res) => {
  if (req.method !== 'POST') return { compiler: ts.version, usage: 'POST TypeScript as text/plain, or {"code": "…"}' };
  const code = typeof req.body === 'string' ? req.body : req.body?.code;
  if (typeof code !== 'string')
    return void res.status(400).json({ error: 'POST TypeScript as text/plain, or {"code": "…"}' });
  return compile(code);
};
