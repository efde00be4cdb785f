import { Readable } from 'node:stream';
import { validateArchive } from '../../../../core/archive/validate-archive';
import { packFiles } from '../../../../workers/control/kubernetes/pack-files';

test('equal files are equal bytes, whatever order they come in, and pass as an archive', async () => {
  const files: [string, Buffer][] = [
    ['lib/deep/b.js', Buffer.from('b')],
    ['index.js', Buffer.from('a ☃')],
    ['lib/a.js', Buffer.alloc(0)],
  ];
  const archive = await packFiles(new Map(files));
  expect(archive).toEqual(await packFiles(new Map([...files].reverse())));
  expect(await validateArchive(Readable.from([archive]))).toMatchObject({ kind: 'layer' });
});
