import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  CheckpointImages,
  folderArchives,
  readImageReference,
  writeImageReference,
} from '../../../../drivers/sandbox/kubernetes/checkpoint-images';
import { FunctionImages } from '../../../../drivers/sandbox/kubernetes/function-images';
import { OciRegistry } from '../../../../drivers/sandbox/kubernetes/oci-registry';
import { ImageRegistry } from '../../../kubernetes/real-node/image-registry';

describe('images of checkpoints', () => {
  let folder: string;
  let registry: ImageRegistry;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'presage-images-'));
    await mkdir(path.join(folder, 'edge-0'));
    registry = await ImageRegistry.open(path.join(folder, 'registry'));
  });

  afterAll(async () => {
    await registry.close();
    await rm(folder, { recursive: true, force: true });
  });

  const imagesOf = (prefix: string): CheckpointImages =>
    new CheckpointImages(new OciRegistry({ prefix }), folderArchives(path.join(folder, '{node}')), 'amd64');
  const publish = (prefix: string, archive: string, checkpoint = 'ck-1') =>
    imagesOf(prefix).publish('edge-0', archive, { container: 'function', checkpoint, title: 'acme/pay' });
  const statusOf = async (image: string): Promise<number> => {
    const [, repository, digest] = /^[^/]+\/(.+)@(.+)$/.exec(image) ?? [];
    return (await fetch(`http://${registry.host}/v2/${repository}/manifests/${digest}`)).status;
  };

  test('the archive becomes the layer of an image that says which container it is of, and goes', async () => {
    const content = Buffer.concat([Buffer.from('a checkpoint '), Buffer.alloc(100_000, 7)]);
    await writeFile(path.join(folder, 'edge-0/one.tar'), content);
    const { image, bytes } = await publish(`${registry.host}/memory`, '/var/lib/kubelet/checkpoints/one.tar');
    expect(image).toMatch(/^localhost:\d+\/memory\/checkpoints@sha256:[0-9a-f]{64}$/);
    const [, repository = '', digest = ''] = /^[^/]+\/(.+)@(.+)$/.exec(image) ?? [];
    const base = `http://${registry.host}/v2/${repository}`;
    const manifest = (await (await fetch(`${base}/manifests/${digest}`)).json()) as {
      annotations: Record<string, string>;
      config: { digest: string };
      layers: { digest: string; size: number }[];
    };
    expect(manifest.annotations).toEqual({
      'org.criu.checkpoint.container.name': 'function',
      'org.opencontainers.image.title': 'acme/pay',
    });
    const [layer] = manifest.layers;
    expect(layer?.size).toBe(bytes);
    const packed = Buffer.from(await (await fetch(`${base}/blobs/${layer?.digest}`)).arrayBuffer());
    expect(gunzipSync(packed).equals(content)).toBe(true);
    const config = await (await fetch(`${base}/blobs/${manifest.config.digest}`)).json();
    expect(config).toMatchObject({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers' } });
    expect(await readdir(path.join(folder, 'edge-0'))).toEqual([]);
  });

  test('one that is not needed any more is taken away where the registry lets us, else it says so', async () => {
    await writeFile(path.join(folder, 'edge-0/old.tar'), 'old');
    const { image } = await publish(`${registry.host}/memory`, '/x/old.tar', 'ck-old');
    const images = imagesOf(`${registry.host}/memory`);
    for (const code of [405, 403] as const) {
      registry.refusesToDelete = code;
      expect(await images.remove('ck-old')).toMatch(
        new RegExp(`^${registry.host}/memory/checkpoints:ck-old: .*${code}`),
      );
    }
    registry.refusesToDelete = null;
    expect(await statusOf(image)).toBe(200);
    expect(await images.remove('ck-old')).toBeNull();
    expect(await statusOf(image)).toBe(404);
    // Again, as after an answer that was lost; and one that never came as far as the registry.
    expect(await images.remove('ck-old')).toBeNull();
    expect(await images.remove('ck-never')).toBeNull();
    await expect(imagesOf('localhost:1/m').remove('ck-old')).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('one that is made again under its name, after a process that ended in the middle, leaves no earlier one', async () => {
    await writeFile(path.join(folder, 'edge-0/lost.tar'), 'lost');
    const lost = await publish(`${registry.host}/memory`, '/x/lost.tar', 'ck-again');
    await writeFile(path.join(folder, 'edge-0/again.tar'), 'again');
    const again = await publish(`${registry.host}/memory`, '/x/again.tar', 'ck-again');
    expect([await statusOf(lost.image), await statusOf(again.image)]).toEqual([404, 200]);
    expect(await imagesOf(`${registry.host}/memory`).remove('ck-again')).toBeNull();
    expect(await statusOf(again.image)).toBe(404);
  });

  test('an archive that cannot be seen, and a registry that is away, are told', async () => {
    await expect(publish(registry.host, '/x/missing.tar')).rejects.toMatchObject({ code: 'checkpoint_failed' });
    await writeFile(path.join(folder, 'edge-0/two.tar'), 'x');
    await expect(publish('localhost:1/memory', '/x/two.tar')).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('a function that is an image is brought once, by the digest of its code, and pulled by that of its manifest', async () => {
    const root = path.join(folder, 'root');
    await mkdir(path.join(root, 'app'), { recursive: true });
    await writeFile(path.join(root, 'app/server'), 'serve', { mode: 0o755 });
    const digest = `sha256:${'c'.repeat(64)}`;
    const made = new FunctionImages(new OciRegistry({ prefix: registry.host }));
    const [one, other] = await Promise.all([made.of(digest, root), made.of(digest, root)]);
    expect(one).toMatch(/^localhost:\d+\/functions@sha256:[0-9a-f]{64}$/);
    expect(other).toBe(one);
    // Another process finds it, and does not need the files.
    const next = new FunctionImages(new OciRegistry({ prefix: registry.host }));
    expect(await next.of(digest, '/nowhere')).toBe(one);
    await expect(next.of(`sha256:${'d'.repeat(64)}`, '/nowhere')).rejects.toThrow();
  });

  test('what is kept of one is its name; without it nothing is restored', async () => {
    const dir = path.join(folder, 'image');
    await writeImageReference(dir, { image: 'registry/x@sha256:1', bytes: 5 });
    expect(await readImageReference(dir)).toEqual({ image: 'registry/x@sha256:1', bytes: 5 });
    await expect(readImageReference(path.join(folder, 'nothing'))).rejects.toMatchObject({ code: 'restore_failed' });
  });
});
