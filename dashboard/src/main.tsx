import { render } from 'preact';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/ui.css';
import { App } from './app';
import { catchLinks } from './router';
import { watchSession } from './session';

watchSession();
catchLinks();
render(<App />, document.getElementById('root')!);
