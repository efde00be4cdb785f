import path from 'node:path';
import { cacheDir } from '../../workers/cache-dir';
import { ensureGoProgram } from './ensure-go-program';

/** Speaks to the same minor version of Kubernetes as the servers that tests run. */
const HELM_VERSION = '3.19.4';
const MODULE = 'helm.sh/helm/v3';
/** As its own releases do; without the minor version it takes the cluster for one of 1.20. */
const STAMPS: Readonly<Record<string, string>> = {
  'internal/version.version': `v${HELM_VERSION}`,
  'pkg/chartutil.k8sVersionMajor': '1',
  'pkg/chartutil.k8sVersionMinor': '34',
  'pkg/lint/rules.k8sVersionMajor': '1',
  'pkg/lint/rules.k8sVersionMinor': '34',
};

/**
 * Path of `helm`, built once from its published Go module and kept as `<cacheDir>/helm/<version>/helm`: some minutes from nothing.
 * @throws PlatformError unavailable when it cannot be built, with what to do as the hint
 */
export function ensureHelm(progress: (line: string) => void, cache = cacheDir()): Promise<string> {
  const stamps = Object.entries(STAMPS).map(([name, value]) => `-X ${MODULE}/${name}=${value}`);
  const flags = ['-s', '-w', ...stamps].join(' ');
  const helm = {
    name: 'helm',
    folder: path.join(cache, 'helm', HELM_VERSION),
    called: `Helm ${HELM_VERSION}`,
    usual: '2 to 5 minutes',
    needs: '',
    // It is installed into GOBIN.
    args: () => ['install', '-v', '-trimpath', '-ldflags', flags, `${MODULE}/cmd/helm@v${HELM_VERSION}`],
  };
  return ensureGoProgram(helm, progress, cache);
}
