import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { assetPath } from '../../drivers/asset-path';
import { cacheDir } from '../../workers/cache-dir';
import { ensureGoProgram } from './ensure-go-program';

/** The version that go.mod names; it is stamped into the programs, as their own builds do. */
export const KUBERNETES_VERSION = '1.34.4';

/** `servers`: etcd, API server, controller manager, scheduler and the fake kubelet in one. The others are Kubernetes' own. */
export const PROGRAMS = ['servers', 'kubelet', 'kubectl'] as const;
export type Program = (typeof PROGRAMS)[number];

const PACKAGES: Readonly<Record<Program, string>> = {
  servers: '.',
  kubelet: 'k8s.io/kubernetes/cmd/kubelet',
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
};
const FLAGS = ['-trimpath', '-buildvcs=false', '-tags', 'selinux,notest,grpcnotrace'];
const STAMPED = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];

/**
 * Path of a program of Kubernetes, built once from Go modules and kept as `<cacheDir>/kubernetes/<version>-<key>/<program>`. From
 * nothing the servers take five to ten minutes of two cores; with Go's own caches filled, seconds.
 * @throws PlatformError unavailable when it cannot be built, with what to do as the hint
 */
export function ensureKubernetes(
  program: Program,
  progress: (line: string) => void,
  cache = cacheDir(),
): Promise<string> {
  const sources = assetPath('bench/kubernetes/servers');
  const kubernetes = {
    name: program,
    folder: path.join(cache, 'kubernetes', `${KUBERNETES_VERSION}-${keyOf(sources)}`, program),
    called: `Kubernetes ${KUBERNETES_VERSION}`,
    usual: '5 to 10 minutes, seconds where Go has built it before',
    needs: ', and 6 GB of disk; PRESAGE_SKIP_KUBERNETES=1 leaves its tests out',
    args: (output: string) => [
      ...['build', '-v', ...FLAGS, '-ldflags', stamps()],
      ...['-o', path.join(output, program), PACKAGES[program]],
    ],
    sources,
  };
  return ensureGoProgram(kubernetes, progress, cache);
}

function keyOf(sources: string): string {
  const hash = createHash('sha256').update(JSON.stringify([FLAGS, stamps(), process.arch]));
  for (const name of readdirSync(sources).sort()) hash.update(readFileSync(path.join(sources, name)));
  return hash.digest('hex').slice(0, 12);
}

/** Without them the servers call themselves `v0.0.0-master`. */
function stamps(): string {
  const [major, minor] = KUBERNETES_VERSION.split('.');
  const values = { gitVersion: `v${KUBERNETES_VERSION}`, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  const flags = STAMPED.flatMap((name) =>
    Object.entries(values).map(([key, value]) => `-X ${name}.${key}=${String(value)}`),
  );
  return ['-s -w', ...flags].join(' ');
}
