import { defineConfig } from 'vite';
import { replacements } from '../shared/policy/build.mjs';
import { prerender } from './prerender.mjs';

// The pages are served under a policy without inline code and with one Trusted Types policy, for the worker's
// address: nothing here may add an inline script, a style element or a polyfill that writes markup.
export default defineConfig({
  appType: 'spa',
  plugins: [prerender()],
  define: replacements('own'),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    sourcemap: false,
    reportCompressedSize: false,
    manifest: true,
  },
});
