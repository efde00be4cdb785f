import type { CodeFile } from './code-archive';

/** Never part of a function. */
const LEFT_OUT = /(^|\/)(\.git|\.presage|__pycache__)\/|(^|\/)\.DS_Store$/;

/**
 * What a person has chosen, as files of the code folder: of a chosen folder its own name is left away. A `function.yaml` at the
 * root is the manifest as well.
 */
export async function chosenFiles(list: Iterable<File>): Promise<CodeFile[]> {
  const files = [...list].map((file) => {
    const path = file.webkitRelativePath === '' ? file.name : file.webkitRelativePath.split('/').slice(1).join('/');
    return { path, file };
  });
  const kept = files.filter(({ path }) => !LEFT_OUT.test(path));
  return Promise.all(kept.map(async ({ path, file }) => ({ path, bytes: new Uint8Array(await file.arrayBuffer()) })));
}
