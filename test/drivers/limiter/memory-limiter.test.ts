import { createMemoryLimiter } from '../../../drivers/limiter/memory/memory-limiter';
import { describeLimiter } from './limiter-contract';

describeLimiter('memory', createMemoryLimiter);
