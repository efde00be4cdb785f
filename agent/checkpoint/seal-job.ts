import type { MessagePort } from 'node:worker_threads';
import { storageError } from '../../drivers/storage-error';
import { ChunkPort } from './chunk-port';
import { type OpenJob, openImage } from './open-image';
import { sealImage, type SealJob } from './seal-image';

/** What the pool asks a worker thread to do; the bytes go over the port. */
export type ImageJob =
  { readonly kind: 'seal'; readonly job: SealJob } | { readonly kind: 'open'; readonly job: OpenJob };

/** Does one job in a worker thread. Never throws: the outcome goes over the port. */
export async function runJob({ task, port: messages }: { task: ImageJob; port: MessagePort }): Promise<object> {
  const port = new ChunkPort(messages);
  try {
    if (task.kind === 'seal') {
      for (const piece of sealImage(withBuffers(task.job))) await port.send(piece);
      port.end();
    } else {
      await openImage(withBuffers(task.job), port.chunks());
    }
    port.settle();
  } catch (error) {
    port.settle(storageError(error, 'Working on a checkpoint image'));
  } finally {
    port.close();
  }
  return {};
}

/** Buffers arrive in another thread as plain byte arrays. */
function withBuffers<Job extends SealJob | OpenJob>(job: Job): Job {
  const { encryptionKey, signingSeed } = job.keys;
  return { ...job, keys: { encryptionKey: Buffer.from(encryptionKey), signingSeed: Buffer.from(signingSeed) } };
}
