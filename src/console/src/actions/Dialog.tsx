import { type ReactNode, useEffect, useRef } from 'react';

/** The browser's own modal: it keeps the focus inside, closes on Escape, and gives the focus back. */
export function Dialog({ heading, onClose, children }: { heading: string; onClose: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby="dialog-heading" onClose={onClose}>
      <h2 id="dialog-heading">{heading}</h2>
      {children}
    </dialog>
  );
}
