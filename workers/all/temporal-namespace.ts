import { msToTs } from '@temporalio/common/lib/time';
import type { Config } from '../config';
import { SEARCH_ATTRIBUTES } from './services/temporal-service';

const RETENTION = '7 days';
const KEYWORD = 2;
const ALREADY_EXISTS = 6;

/**
 * What our own server gets by its flags, for a server of the user's: the search attributes. And for our own: histories kept for
 * seven days instead of one. The client is loaded late: most starts do not need it.
 */
export async function prepareNamespace(config: Config, address: string, own: boolean): Promise<void> {
  const { Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ address });
  const { namespace } = config.temporal;
  try {
    if (own) {
      await connection.workflowService.updateNamespace({
        namespace,
        config: { workflowExecutionRetentionTtl: msToTs(RETENTION) },
      });
      return;
    }
    for (const name of SEARCH_ATTRIBUTES) {
      await connection.operatorService
        .addSearchAttributes({ namespace, searchAttributes: { [name]: KEYWORD } })
        .catch((error: { code?: number }) => {
          if (error.code !== ALREADY_EXISTS) throw error;
        });
    }
  } finally {
    await connection.close();
  }
}
