import { msToTs } from '@temporalio/common/lib/time';
import { PlatformError } from '../../core/error/platform-error';
import type { Config } from '../config';
import type { TemporalAccess } from '../temporal-access';
import { SEARCH_ATTRIBUTES } from './services/temporal-service';

const RETENTION = '7 days';
const KEYWORD = 2;
const ALREADY_EXISTS = 6;

/** Codes of gRPC: no such right; no such method. */
const REFUSED = [7, 12];

/**
 * What our own server gets by its flags, for a server of the user's: the search attributes. And for our own: histories kept for
 * seven days instead of one. The client is loaded late: most starts do not need it.
 * @throws PlatformError unavailable when the server does not answer, unsupported when attributes are missing that it lets us not add
 */
export async function prepareNamespace(config: Config, access: TemporalAccess, own: boolean): Promise<void> {
  const { Connection } = await import('@temporalio/client');
  const connection = await Connection.connect(access).catch((error: unknown) => {
    throw new PlatformError('unavailable', `Temporal at ${access.address} does not answer: ${String(error)}`, {
      cause: error,
      hint: 'Look at temporal.address, temporal.tls and temporal.apiKey, or leave them out to have a server run here.',
    });
  });
  const { namespace } = config.temporal;
  try {
    if (own) {
      await connection.workflowService.updateNamespace({
        namespace,
        config: { workflowExecutionRetentionTtl: msToTs(RETENTION) },
      });
      return;
    }
    const { operatorService } = connection;
    const listed = await operatorService.listSearchAttributes({ namespace }).catch(() => null);
    for (const name of SEARCH_ATTRIBUTES) {
      if (listed?.customAttributes?.[name] !== undefined) continue;
      await operatorService
        .addSearchAttributes({ namespace, searchAttributes: { [name]: KEYWORD } })
        .catch((error: { code?: number }) => {
          if (error.code === ALREADY_EXISTS) return;
          if (!REFUSED.includes(error.code ?? 0)) throw error;
          throw new PlatformError(
            'unsupported',
            `Temporal lets nobody add the search attribute ${name} over this door`,
            {
              cause: error,
              hint: `Add ${SEARCH_ATTRIBUTES.join(', ')} as keywords to the namespace ${namespace} by its own tools, then start again.`,
            },
          );
        });
    }
  } finally {
    await connection.close();
  }
}
