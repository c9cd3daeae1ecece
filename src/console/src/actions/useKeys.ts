import { useEffect, useRef } from 'react';
import { focusKind, type KeyCommand, keyCommand } from './keys.ts';

/** Single keys for a desk that is worked without a mouse. They can be switched off, and are inert in fields. */
export function useKeys(enabled: boolean, onCommand: (command: KeyCommand) => void): void {
  const latest = useRef(onCommand);
  useEffect(() => {
    latest.current = onCommand;
  });
  useEffect(() => {
    if (!enabled) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const command = keyCommand({
        key: event.key,
        repeat: event.repeat,
        ctrlKey: event.ctrlKey,
        altKey: event.altKey,
        metaKey: event.metaKey,
        isComposing: event.isComposing,
        within: focusKind(document.activeElement),
      });
      if (command === null) return;
      event.preventDefault();
      latest.current(command);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [enabled]);
}
