import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';

export interface Tab {
  readonly id: string;
  readonly label: string;
  readonly content: () => ComponentChildren;
}

/** One of several contents at a time; arrow keys go from tab to tab. `first` is the tab that is shown at first. */
export function Tabs(props: { label: string; tabs: readonly Tab[]; first?: string; onShow?: (id: string) => void }) {
  const base = useId();
  const list = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState(props.first ?? props.tabs[0]?.id);
  const at = Math.max(0, props.tabs.findIndex(({ id }) => id === shown)); // prettier-ignore
  const current = props.tabs[at];
  const show = (index: number) => {
    const tab = props.tabs[(index + props.tabs.length) % props.tabs.length];
    if (!tab) return;
    setShown(tab.id);
    props.onShow?.(tab.id);
    list.current?.querySelector<HTMLElement>(`[data-tab="${tab.id}"]`)?.focus();
  };
  const steps: Readonly<Record<string, () => void>> = {
    ArrowRight: () => show(at + 1),
    ArrowLeft: () => show(at - 1),
    Home: () => show(0),
    End: () => show(-1),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    step();
  };
  return (
    <div class="tabs">
      <div role="tablist" aria-label={props.label} ref={list} onKeyDown={onKeyDown}>
        {props.tabs.map((tab, index) => (
          <button
            type="button"
            role="tab"
            id={`${base}-${tab.id}`}
            data-tab={tab.id}
            aria-selected={index === at}
            aria-controls={`${base}-panel`}
            tabIndex={index === at ? 0 : -1}
            onClick={() => show(index)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${base}-panel`} aria-labelledby={`${base}-${current?.id ?? ''}`} tabIndex={0}>
        {current?.content()}
      </div>
    </div>
  );
}
