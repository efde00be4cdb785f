import { deployVariant } from '../harness/deploy-variant';
import { jsonOf, openProbe, type Probe } from '../harness/http-probe';

const TENANT = 'fuzz';
const FUNCTIONS = ['hello', 'other'];
const CALLS = 5;
const SPARE_KEYS = 50;

/** A tenant with something in each list, so that the fuzzing gets past what is not there. */
export interface ScratchTenant {
  /** Makes an admin key of it. */
  newKey(): Promise<string>;
  /** Words that lead somewhere, as configuration of Schemathesis. */
  readonly config: string;
  close(): void;
}

/** Makes it on a platform that is the bench's own. */
export async function makeScratchTenant(platform: { url: string; apiKey: string }): Promise<ScratchTenant> {
  const operator = openProbe(platform.url, platform.apiKey);
  const post = (probe: Probe, path: string, body: object) =>
    probe.send(path, { method: 'POST', body: JSON.stringify(body) }).then(jsonOf<{ id: string; key: string }>);
  await post(operator, '/v1/tenants', { name: TENANT });
  const newKey = (scopes = ['admin']) => post(operator, `/v1/keys?tenant=${TENANT}`, { name: 'fuzz', scopes });
  const { key } = await newKey();
  const probe = openProbe(platform.url, key);
  for (const name of FUNCTIONS) {
    await deployVariant({ url: platform.url, apiKey: key }, 'examples/hello-node', name, {});
    await probe.send(`/v1/secrets/${name}`, { method: 'PUT', body: JSON.stringify({ value: 'x' }) });
    for (let call = 0; call < CALLS; call++) await probe.send(`/fn/${TENANT}/${name}/?name=fuzz`);
  }
  const list = (path: string) =>
    probe.send(path).then(jsonOf<{ items: { id: string; codeDigest: string }[] }>).then(({ items }) => items); // prettier-ignore
  const revisions = await list(`/v1/functions/${FUNCTIONS[0]}/revisions`);
  const spare = await Promise.all(Array.from({ length: SPARE_KEYS }, () => newKey(['read'])));
  const ids = [...(await list('/v1/deployments')), ...(await list('/v1/invocations')), ...spare].map(({ id }) => id);
  const config = [
    ...dictionary('names', FUNCTIONS, { 'path.name': 0.7, 'query.function': 0.5 }),
    ...dictionary('aliases', ['live'], { 'path.alias': 0.7, 'body.alias': 0.5 }),
    ...dictionary('numbers', [1], { 'path.number': 0.7 }),
    ...dictionary('ids', ids, { 'path.id': 0.7 }),
    ...dictionary('digests', revisions.map(({ codeDigest }) => codeDigest), { 'body.codeDigest': 0.5 }), // prettier-ignore
  ];
  return {
    newKey: async () => (await newKey()).key,
    config: [
      ...config.filter((line) => !line.startsWith('"')),
      '[parameters]',
      // Another tenant's name is refused before anything else is looked at.
      `"query.tenant" = "${TENANT}"`,
      ...config.filter((line) => line.startsWith('"')),
    ].join('\n'),
    close: () => {
      probe.close();
      operator.close();
    },
  };
}

/** Its words, and where they are used with which probability (0-1), as TOML. */
function dictionary(name: string, words: readonly (string | number)[], uses: Readonly<Record<string, number>>) {
  return [
    `[dictionaries.${name}]`,
    `values = ${JSON.stringify(words)}`,
    ...Object.entries(uses).map(([where, share]) => `"${where}" = { dictionary = "${name}", probability = ${share} }`),
  ];
}
