import { createContext } from 'react';
import type { NearerDesks } from './audience.ts';

/** What every row needs and none changes: as long as the hub vouches for them, the desks that are nearer than this one. */
export const NearerDesksContext = createContext<NearerDesks>(null);
