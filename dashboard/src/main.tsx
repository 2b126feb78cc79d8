import { render } from 'preact';
import './ui/styles/tokens.css';
import './ui/styles/base.css';
import './shell/shell.css';
import './ui/styles/ui.css';
import { App, preload } from './app';
import { catchLinks } from './lib/router';
import { watchSession } from './lib/session';

watchSession();
catchLinks();
const root = document.getElementById('root')!;
// A page that came as HTML stays as it is until all of it can be drawn again, over the same elements.
if (root.hasChildNodes()) await preload(location.pathname).catch(() => {});
render(<App />, root);
