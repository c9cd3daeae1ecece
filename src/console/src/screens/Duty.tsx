import { useEffect, useState } from 'react';
import { ServerClockContext } from '../clock/ServerTime.tsx';
import { signalrTransport } from '../connection/signalrTransport.ts';
import type { Me } from '../data/session.ts';
import { DutyConsole } from '../duty/DutyConsole.tsx';
import { LiveQueue } from '../queue/liveQueue.ts';

const TickMs = 1_000;

/** Opens the live queue for the one who signed in and closes it with the screen. */
export default function Duty({ me, onSignOut, onExpired }: { me: Me; onSignOut: () => void; onExpired: () => void }) {
  const [live, setLive] = useState<LiveQueue | null>(null);
  useEffect(() => {
    const queue = new LiveQueue(() => signalrTransport());
    const unlisten = queue.listen({ signedOut: onExpired });
    const timer = setInterval(() => queue.tick(), TickMs);
    queue.start();
    setLive(queue);
    return () => {
      clearInterval(timer);
      unlisten();
      queue.stop();
    };
  }, [onExpired]);
  if (live === null) return null;
  return (
    <ServerClockContext value={live.clock}>
      <DutyConsole me={me} live={live} onSignOut={onSignOut} />
    </ServerClockContext>
  );
}
