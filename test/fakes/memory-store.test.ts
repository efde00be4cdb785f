import { describeStoreContract } from '../drivers/store/store-contract';
import { createMemoryStore } from './memory-store';

describeStoreContract('the memory store', async () => createMemoryStore());
