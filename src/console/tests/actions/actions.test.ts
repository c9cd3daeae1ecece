import { describe, expect, test } from 'vitest';
import { availableActions } from '../../src/actions/available.ts';
import { type KeyPress, keyCommand } from '../../src/actions/keys.ts';
import { refusalText } from '../../src/actions/refusals.ts';
import { translator } from '../../src/i18n/translate.ts';
import { closed, someAlarm, someUser, stampOf } from '../some.ts';

const press = (key: string, change: Partial<KeyPress> = {}): KeyPress => ({
  key,
  repeat: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  isComposing: false,
  within: 'row',
  ...change,
});

describe('keys', () => {
  test('each has its command, in either case', () => {
    expect(['ArrowUp', 'ArrowDown', 'Home', 'Enter', 'a', 'C', 'r', 'S'].map((key) => keyCommand(press(key)))).toEqual([
      'up',
      'down',
      'first',
      'open',
      'acknowledge',
      'claim',
      'resolve',
      'silence',
    ]);
  });

  test('are text in a field, and while a Chinese word is being composed', () => {
    expect(keyCommand(press('a', { within: 'field' }))).toBeNull();
    expect(keyCommand(press('a', { isComposing: true }))).toBeNull();
  });

  test('leave the browser its own shortcuts', () => {
    expect(keyCommand(press('r', { ctrlKey: true }))).toBeNull();
    expect(keyCommand(press('c', { metaKey: true }))).toBeNull();
  });

  test('held down, move but do not act', () => {
    expect(keyCommand(press('ArrowDown', { repeat: true }))).toBe('down');
    expect(keyCommand(press('a', { repeat: true }))).toBeNull();
  });

  test('Enter on a button is the button’s', () => expect(keyCommand(press('Enter', { within: 'control' }))).toBeNull());
});

describe('available actions', () => {
  test('on a new alarm', () =>
    expect([...availableActions(someAlarm('a'), 'li')].sort()).toEqual(['acknowledge', 'claim', 'resolve']));
  test('on mine', () =>
    expect(availableActions(someAlarm('a', { claimedBy: stampOf('Li') }), 'li').has('release')).toBe(true));
  test('on somebody else’s: take-over is an action of its own', () => {
    const actions = availableActions(someAlarm('a', { claimedBy: stampOf('Min') }), 'li');
    expect(actions.has('claim')).toBe(false);
    expect(actions.has('takeOver')).toBe(true);
  });
  test('on a closed one, none', () => expect(availableActions(closed(someAlarm('a')), 'li').size).toBe(0));
});

test('L5: the loser of a claim reads who won and when', () => {
  const refusal = {
    ok: false as const,
    code: 'already_claimed',
    owner: someUser('Min'),
    since: '2026-11-22T12:00:05.000Z',
    alarm: null,
  };
  expect(refusalText(refusal, translator('en'), 'en')).toMatch(/Min claimed it at \d\d:\d\d:05/);
});
