import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demoAddress } from '../demo';

test('install: the demo site is linked on localhost only', () => {
  assert.equal(demoAddress({ hostname: 'localhost', port: '3000' }, 'pk_1'), 'http://127.0.0.1:3001/?site=pk_1');
  assert.equal(demoAddress({ hostname: 'connect.example', port: '' }, 'pk_1'), null);
  assert.equal(demoAddress({ hostname: '127.0.0.1', port: '3000' }, 'pk_1'), null);
});
