// Every page in every state that a person can meet, for the tests that hold for all of them.

import { VIEWS as billing } from '../src/features/billing/test/views';
import { VIEWS as hours } from '../src/features/hours/test/views';
import { VIEWS as inbox } from '../src/features/inbox/test/views';
import { VIEWS as login } from '../src/features/login/test/views';
import { VIEWS as marketing } from '../src/features/marketing/test/views';
import { VIEWS as privacy } from '../src/features/privacy/test/views';
import { VIEWS as sites } from '../src/features/sites/test/views';
import { VIEWS as statistics } from '../src/features/statistics/test/views';
import { VIEWS as team } from '../src/features/team/test/views';
import { VIEWS as shell } from './shell-views';
import type { View } from './view';

export const VIEWS: View[] = [
  ...marketing,
  ...login,
  ...sites,
  ...statistics,
  ...inbox,
  ...hours,
  ...billing,
  ...team,
  ...privacy,
  ...shell,
];
