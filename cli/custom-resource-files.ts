import { customResourceDefinitions } from '../core/kubernetes/custom-resources';
import { kubernetesYaml } from './kubernetes-yaml';

const HEAD = '# Made by npm run crds from the schemas in core/; changes belong there.\n';

/** What deploy/chart/crds holds, by name of file. */
export async function customResourceFiles(): Promise<ReadonlyMap<string, string>> {
  const files = customResourceDefinitions().map(async (definition) => {
    const { names } = definition['spec'] as { names: { plural: string } };
    return [`${names.plural}.yaml`, HEAD + (await kubernetesYaml([definition]))] as const;
  });
  return new Map(await Promise.all(files));
}
