import { describe, expect, test } from 'vitest';
import { Annunciator, type AudioOutput, HorizonS } from '../../src/sound/annunciator.ts';
import { Bursts, burstMs, type Tone } from '../../src/sound/bursts.ts';

/** An audio clock that a test moves, and everything that would have been heard. */
class CollectingOutput implements AudioOutput {
  time = 100;
  readonly played: { tone: Tone; atS: number; cancelledAtS: number | null }[] = [];

  nowS(): number {
    return this.time;
  }

  play(tone: Tone, atS: number) {
    const sound = { tone, atS, cancelledAtS: null as number | null };
    this.played.push(sound);
    return {
      cancel: () => {
        sound.cancelledAtS = this.time;
      },
    };
  }

  /** What reaches the ear, with cut-off ends. */
  heard() {
    return this.played
      .map(({ tone, atS, cancelledAtS }) => {
        const endS = atS + burstMs(Bursts[tone]) / 1000;
        return { tone, atS, endS: cancelledAtS === null ? endS : Math.min(endS, cancelledAtS) };
      })
      .filter(({ atS, endS }) => endS > atS)
      .sort((a, b) => a.atS - b.atS);
  }
}

const critical = (key: string, fromS: number) => ({ key, tone: 'critical' as const, fromS });

describe('the annunciator', () => {
  test('B4: keeps at least 90 s planned, even when it wakes up only once a minute', () => {
    const output = new CollectingOutput();
    const annunciator = new Annunciator(output);
    for (let minute = 0; minute < 10; minute++) {
      annunciator.update([critical('a', 100)]);
      expect(annunciator.plannedAheadS()).toBeGreaterThan(90 + 60);
      output.time += 60;
      expect(annunciator.plannedAheadS()).toBeGreaterThan(90);
    }
    const starts = output.heard().map(({ atS }) => atS);
    const gaps = starts.slice(1).map((atS, i) => atS - (starts[i] ?? 0));
    for (const gap of gaps) expect(gap).toBeCloseTo(8.4);
    expect(starts.length).toBeGreaterThan((540 + HorizonS) / 8.4 - 1);
  });

  test('cancels everything on acknowledge, the burst that sounds included', () => {
    const output = new CollectingOutput();
    const annunciator = new Annunciator(output);
    annunciator.update([critical('a', 100)]);
    output.time = 101;
    annunciator.update([]);
    expect(output.heard()).toEqual([{ tone: 'critical', atS: 100.05, endS: 101 }]);
    expect(annunciator.plannedAheadS()).toBe(0);
  });

  test('lets a burst finish when another alarm of its kind remains', () => {
    const output = new CollectingOutput();
    const annunciator = new Annunciator(output);
    annunciator.update([critical('a', 100), critical('b', 100)]);
    output.time = 101;
    annunciator.update([critical('b', 100)]);
    expect(output.heard()[0]?.endS).toBeCloseTo(103.45);
  });

  test('A2: what is heard never overlaps, whatever comes when', () => {
    const output = new CollectingOutput();
    const annunciator = new Annunciator(output);
    const tones: Tone[] = ['low', 'high', 'critical', 'medium', 'lost', 'critical'];
    const items: { key: string; tone: Tone; fromS: number }[] = [];
    for (let step = 0; step < 120; step++) {
      output.time += ((step * 37) % 29) / 10;
      if (step % 3 === 0) items.push({ key: `k${step}`, tone: tones[(step / 3) % 6] ?? 'low', fromS: output.time });
      if (step % 7 === 0) items.shift();
      annunciator.update(items);
    }
    const heard = output.heard();
    heard.slice(1).forEach((burst, i) => {
      expect(burst.atS).toBeGreaterThanOrEqual(heard[i]?.endS ?? 0);
    });
  });

  test('a low alarm is heard once in all its life', () => {
    const output = new CollectingOutput();
    const annunciator = new Annunciator(output);
    for (let i = 0; i < 20; i++) {
      annunciator.update([{ key: 'battery', tone: 'low', fromS: 100 }]);
      output.time += 5;
    }
    expect(output.heard()).toHaveLength(1);
  });
});
