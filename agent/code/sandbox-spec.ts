import { imageCommand } from '../../core/function/image-config';
import type { RunSpec } from '../../core/function/run-spec';
import type { SandboxSpec } from '../../drivers/sandbox/sandbox';
import type { CodeStore } from './code-store';

/**
 * What the sandbox driver is told of a new instance: its code, unpacked, and for an OCI image the command, environment
 * and working folder that the image names, behind the function's own. @throws PlatformError as `CodeStore.dir`
 */
export async function sandboxSpecOf(
  code: Pick<CodeStore, 'dir' | 'imageConfig'>,
  id: string,
  run: RunSpec,
): Promise<SandboxSpec> {
  const codeDir = await code.dir(run.codeDigest, run.codeKind);
  const image = run.codeKind === 'oci' ? await code.imageConfig(run.codeDigest, run.codeKind) : null;
  if (image === null) return { id, run, codeDir };
  const command = run.runtime === 'http' ? [...imageCommand(image, run.command)] : run.command;
  return { id, run: { ...run, command, env: { ...image.env, ...run.env } }, codeDir, workingDir: image.workingDir };
}
