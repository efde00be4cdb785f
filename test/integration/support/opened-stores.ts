import { Client } from 'pg';
import { openPostgresStore } from '../../../drivers/store/postgres';
import type { Store } from '../../../drivers/store/store';
import type { TemporaryPostgres } from './temporary-postgres';

/** Stores on databases of a server, which are closed at the end, whatever becomes of the test. */
export class OpenedStores {
  readonly #opened: Store[] = [];

  open(url: string): Store {
    const store = openPostgresStore(url);
    this.#opened.push(store);
    return store;
  }

  /** A migrated store on a database of its own. */
  async fresh(server: TemporaryPostgres): Promise<{ store: Store; url: string }> {
    const url = await server.createDatabase();
    const store = this.open(url);
    await store.migrate();
    return { store, url };
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.map((store) => store.close()));
  }
}

/** The rows of a query, by a connection of its own. */
export async function query<T>(url: string, text: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as T[];
  } finally {
    await client.end();
  }
}
