/** What a key asks for; null where it asks for nothing. */
export type KeyCommand = 'up' | 'down' | 'first' | 'open' | 'acknowledge' | 'claim' | 'resolve' | 'silence';

const commands: Readonly<Record<string, KeyCommand>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  Home: 'first',
  Enter: 'open',
  a: 'acknowledge',
  c: 'claim',
  r: 'resolve',
  s: 'silence',
};

export interface KeyPress {
  readonly key: string;
  readonly repeat: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly isComposing: boolean;
  /** What has the focus: a letter typed into a field is text, and a control of its own uses Enter. */
  readonly within: 'field' | 'control' | 'row' | 'page';
}

export function keyCommand(press: KeyPress): KeyCommand | null {
  if (press.within === 'field' || press.isComposing) return null;
  if (press.ctrlKey || press.altKey || press.metaKey) return null;
  const command = commands[press.key.length === 1 ? press.key.toLowerCase() : press.key] ?? null;
  if (command === 'open' && press.within !== 'row') return null;
  // A key held down moves along the list, but acts only once.
  if (press.repeat && command !== 'up' && command !== 'down') return null;
  return command;
}

export function focusKind(element: Element | null): KeyPress['within'] {
  if (!(element instanceof HTMLElement) || element === document.body) return 'page';
  if (element.isContentEditable || element.closest('input, textarea, select, dialog')) return 'field';
  if (element.dataset.alarmId !== undefined) return 'row';
  return element.closest('button, a, summary') ? 'control' : 'page';
}
