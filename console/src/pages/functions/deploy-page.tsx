import { stringify } from 'yaml';
import { useLocation } from '../../app/router';
import type { FunctionDetail } from '../../lib/answers';
import { useQuery } from '../../lib/use-query';
import { NeedsScope } from '../../ui/needs-scope';
import { QueryView } from '../../ui/query-view';
import { scaffold, type DeployForm } from './deploy-form';
import { DeployEditor } from './deploy-editor';
import './functions.css';

/** Deploys a function from the browser: a new one, or with `?function=NAME` a new revision of one there is. */
export default function DeployPage() {
  const name = new URLSearchParams(useLocation().search).get('function');
  const found = useQuery<FunctionDetail>(name === null ? null : `/v1/functions/${encodeURIComponent(name)}`);
  return (
    <>
      <h1>{name === null ? 'Deploy a function' : `Deploy a revision of ${name}`}</h1>
      <NeedsScope scope="deploy" to="deploy functions">
        {name === null ? (
          <DeployEditor begin={{ ...scaffold('nodejs', 'hello'), alias: 'live', canary: '' }} />
        ) : (
          <QueryView query={found}>{(detail) => <DeployEditor begin={formOf(detail)} known={detail} />}</QueryView>
        )}
      </NeedsScope>
    </>
  );
}

/** The newest revision of a function, to be changed. */
function formOf({ name, latest }: FunctionDetail): DeployForm {
  if (!latest) return { ...scaffold('nodejs', name), alias: 'live', canary: '' };
  const { codeDigest, codeKind, number, manifest } = latest;
  return {
    manifest: stringify(manifest),
    code: { kind: 'kept', digest: codeDigest, codeKind, revision: number },
    alias: 'live',
    canary: '',
  };
}
