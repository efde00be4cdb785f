import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** What workflows can be searched by in the Temporal UI. Registered with the server at its start. */
export const FUNCTION_NAME = defineSearchAttributeKey('FunctionName', SearchAttributeType.KEYWORD);
export const TENANT_ID = defineSearchAttributeKey('TenantId', SearchAttributeType.KEYWORD);
export const NODE_NAME = defineSearchAttributeKey('NodeName', SearchAttributeType.KEYWORD);
