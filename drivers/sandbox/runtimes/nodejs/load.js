'use strict';
/** Finds and loads the file and export that PRESAGE_HANDLER names, CommonJS or ES module alike. */
const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

function fileOf(folder, name) {
  for (const ending of ['.js', '.mjs', '.cjs', '/index.js', '/index.mjs']) {
    const file = path.join(folder, name + ending);
    if (fs.existsSync(file)) return file;
  }
  throw new Error(`there is no ${name}.js, ${name}.mjs or ${name}.cjs in the code folder`);
}

/** A `.js` file is an ES module where the nearest package.json within the code folder says so. */
function isModule(folder, file) {
  if (!file.endsWith('.js')) return file.endsWith('.mjs');
  for (let at = path.dirname(file); ; at = path.dirname(at)) {
    const text = read(path.join(at, 'package.json'));
    if (text !== undefined) return JSON.parse(text).type === 'module';
    if (at === folder || at === path.dirname(at)) return false;
  }
}

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** @returns {Promise<{handler: Function, upgrade?: Function, hooks: {beforeCheckpoint?: Function, afterRestore?: Function}}>} */
exports.loadHandler = async (code, name) => {
  const dot = name.lastIndexOf('.');
  const folder = path.resolve(code);
  const file = fileOf(folder, name.slice(0, dot));
  const found = isModule(folder, file) ? await import(pathToFileURL(file).href) : require(file);
  const pick = (key) => found?.[key] ?? found?.default?.[key];
  const wanted = name.slice(dot + 1);
  const handler = wanted === 'default' && typeof found === 'function' ? found : pick(wanted);
  if (typeof handler !== 'function') {
    const names = Object.keys(found ?? {}).join(', ') || 'nothing';
    throw new Error(`${path.basename(file)} does not export a function "${wanted}"; it exports ${names}`);
  }
  const upgrade = pick('upgrade');
  const hooks = { beforeCheckpoint: pick('beforeCheckpoint'), afterRestore: pick('afterRestore') };
  return { handler, upgrade: typeof upgrade === 'function' ? upgrade : undefined, hooks };
};
