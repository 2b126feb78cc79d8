import { render } from 'preact';
import './ui/styles/tokens.css';
import './ui/styles/base.css';
import './shell/shell.css';
import './ui/styles/button.css';
import './ui/styles/form.css';
import './ui/styles/card.css';
import './ui/styles/states.css';
import './ui/styles/table.css';
import './ui/styles/dialog.css';
import './ui/styles/toast.css';
import './ui/styles/snippet.css';
import { App, preload } from './app';
import { catchLinks, soonWanted } from './lib/router';
import { watchSession } from './lib/session';

watchSession();
catchLinks();
soonWanted((path) => preload(path).catch(() => {}));
const root = document.getElementById('root')!;
// A page that came as HTML stays as it is until all of it can be drawn again, over the same elements.
if (root.hasChildNodes()) await preload(location.pathname).catch(() => {});
render(<App />, root);
