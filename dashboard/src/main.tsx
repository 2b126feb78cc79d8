import { render } from 'preact';
import './ui/styles/tokens.css';
import './ui/styles/base.css';
import './shell/shell.css';
import './ui/styles/ui.css';
import { App } from './app';
import { catchLinks } from './lib/router';
import { watchSession } from './lib/session';

watchSession();
catchLinks();
render(<App />, document.getElementById('root')!);
