import type { ComponentChildren } from 'preact';
import { Field } from './field';

/** A line of text under its label. */
export function TextField(props: {
  label: string;
  hint?: ComponentChildren;
  error?: string | undefined;
  value: string;
  onText: (text: string) => void;
  disabled?: boolean;
}) {
  const { label, hint, error, value, onText, disabled = false } = props;
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <input {...control} value={value} disabled={disabled} onInput={(event) => onText(event.currentTarget.value)} />
      )}
    </Field>
  );
}

/** One of some words under a label. */
export function ChoiceField(props: {
  label: string;
  hint?: ComponentChildren;
  error?: string | undefined;
  value: string;
  options: readonly (readonly [value: string, label: string])[];
  onChoose: (value: string) => void;
}) {
  const { label, hint, error, value, options, onChoose } = props;
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <select {...control} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
          {options.map(([option, text]) => (
            <option value={option}>{text}</option>
          ))}
        </select>
      )}
    </Field>
  );
}
