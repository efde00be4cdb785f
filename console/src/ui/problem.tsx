import type { ApiError } from '../lib/api';
import { Button } from './button';

/** A failed call: what is wrong, each problem of what was sent, and the way out. */
export function Problem(props: { error: ApiError; retry?: () => void }) {
  const { status, problem } = props.error;
  return (
    <div class="problem" role="alert" data-status={status}>
      <p>
        <strong>{problem.title}.</strong> {problem.detail}
      </p>
      {problem.errors !== undefined && (
        <ul>
          {problem.errors.map(({ path, message, hint }) => (
            <li>
              <code>{path}</code> {message}
              {hint !== undefined && <> ({hint})</>}
            </li>
          ))}
        </ul>
      )}
      {problem.hint !== undefined && <p class="hint">{problem.hint}</p>}
      {problem.until !== undefined && (
        <p class="hint">It ends by itself at {new Date(problem.until).toLocaleString()}.</p>
      )}
      {problem.requestId !== undefined && (
        <p class="hint">
          Request <code>{problem.requestId}</code>
        </p>
      )}
      {props.retry && <Button onClick={props.retry}>Try again</Button>}
    </div>
  );
}
