import type { ComponentChildren } from 'preact';
import { useSession, type Session } from '../session/session';

/** Shows `children` to who may; to others which scope is missing, and how to get it. */
export function NeedsScope(props: { scope: Parameters<Session['can']>[0]; to: string; children: ComponentChildren }) {
  const session = useSession();
  if (session.can(props.scope)) return <>{props.children}</>;
  return (
    <div class="problem" role="note" data-missing-scope={props.scope}>
      <p>
        <strong>Not with this login.</strong> To {props.to}, it needs the scope <code>{props.scope}</code>; yours has{' '}
        {session.scopes.join(', ') || 'none'}.
      </p>
      <p class="hint">
        Ask an admin of the tenant {session.tenant} for another key:{' '}
        <code>presage key create NAME --scope {props.scope}</code>
      </p>
    </div>
  );
}
