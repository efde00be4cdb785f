export { openPostgresAsyncQueue } from './open-postgres-async-queue';
