import { Client } from 'pg';
import { checkNeeds } from '../../../cli/join-needs';
import { openPostgresStore } from '../../../drivers/store/postgres';
import { startTemporaryPostgres, type TemporaryPostgres } from '../support/temporary-postgres';

let server: TemporaryPostgres;
beforeAll(async () => (server = await startTemporaryPostgres()));
afterAll(() => server.stop());

async function missing(postgres: string): Promise<string | null | undefined> {
  const facts = { folder: '/nowhere', masterKey: undefined, relay: 'host:1', masterKeyId: '', blob: '' };
  return (await checkNeeds({ ...facts, postgres })).find(({ what }) => what === 'postgres')?.missing;
}

test('a database is known by its tables, and by what the role may do with them', async () => {
  const url = await server.createDatabase();
  expect(await missing(url)).toBe(
    'it has no table nodes, instances, events, logs: it is not the database of the platform',
  );
  const store = openPostgresStore(url);
  await store.migrate();
  await store.close();
  expect(await missing(url)).toBeNull();

  const owner = new Client({ connectionString: url });
  await owner.connect();
  await owner.query('create role far login; grant select, insert, update on nodes, events to far');
  await owner.query('grant select on instances to far');
  const asFar = url.replace('//postgres@', '//far@');
  expect(await missing(asFar)).toBe('its role may not select, insert and update in instances, logs');
  await owner.query('grant insert, update on instances to far; grant select, insert, update on logs to far');
  expect(await missing(asFar)).toBeNull();
  await owner.end();
});
