/** Objects as one YAML file, each its own document, for kubectl. */
export async function kubernetesYaml(objects: readonly unknown[]): Promise<string> {
  const { stringify } = await import('yaml');
  return objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
}
