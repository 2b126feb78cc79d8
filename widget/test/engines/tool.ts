import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../.tools/engines/', import.meta.url));

/** A package of infra/tools/engines, which make widget-test installs apart: no other test needs it. */
export const tool = <T>(name: string): T => require(name) as T;
