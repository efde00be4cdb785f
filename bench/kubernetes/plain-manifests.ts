import path from 'node:path';
import { CHART, renderFiles } from './chart';

const NAMESPACE = 'presage';
/** What the release's own namespace would be made by: with Helm it is `--create-namespace`. */
const OWN_NAMESPACE = `apiVersion: v1
kind: Namespace
metadata:
  name: ${NAMESPACE}
  labels:
    app.kubernetes.io/part-of: presage
    pod-security.kubernetes.io/enforce: privileged`;
const HEAD =
  '# Rendered from deploy/chart with deploy/chart/examples/plain.yaml by `npm run manifests`: not to be changed here.';

/** deploy/manifests: the chart as plain files, by name; namespaces come first in the order of names. @throws Error with what helm says */
export async function plainManifests(helm: string): Promise<Map<string, string>> {
  const rendered = await renderFiles(helm, {
    files: [path.join(CHART, 'examples', 'plain.yaml')],
    namespace: NAMESPACE,
  });
  const files = [...rendered].map(([template, raw]): [string, string] => {
    // Templates leave spaces at the ends of lines, and lines of nothing else.
    const text = raw.replace(/[ \t]+$/gm, '').replace(/\n{2,}/g, '\n');
    if (template === 'namespaces.yaml') return [`00-${template}`, `${HEAD}\n${OWN_NAMESPACE}\n---\n${text}\n`];
    return [`10-${template}`, `${HEAD}\n${text}\n`];
  });
  return new Map(files.sort(([a], [b]) => a.localeCompare(b)));
}
