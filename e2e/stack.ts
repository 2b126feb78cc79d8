// Starts what `make dev` starts, on ports and a data folder of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { leaks, lines } from './quiet.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

export interface Mail {
  to: string;
  subject: string;
  text: string;
  html: string;
  links: string[];
}

export class Stack {
  private process?: ChildProcess;
  output = '';

  private constructor(
    readonly port: number,
    readonly dataDir: string,
    private readonly template: string,
  ) {}

  get origin() {
    return `http://localhost:${this.port}`;
  }
  get demo() {
    return `http://127.0.0.1:${this.port + 1}`;
  }

  /** Runs the project's template, or another one. */
  static async start(template = join(root, 'template.yaml')): Promise<Stack> {
    const stack = new Stack(await freePorts(), await mkdtemp(join(tmpdir(), 'mi-connect-e2e-')), template);
    await stack.run();
    return stack;
  }

  /** Starts, or starts again on the same data. */
  async run() {
    const child = spawn(join(root, '.build/local'), {
      cwd: root,
      env: { ...process.env, PORT: String(this.port), DATA_DIR: this.dataDir, LOCAL_TEMPLATE: this.template },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process = child;
    child.stdout!.on('data', (b) => (this.output += b));
    child.stderr!.on('data', (b) => (this.output += b));
    for (let n = 0; n < 300; n++) {
      if (child.exitCode !== null) break;
      const up = await fetch(`${this.origin}/_local/health`).then(
        (r) => r.ok,
        () => false,
      );
      if (up) return;
      await sleep(100);
    }
    throw new Error(`it did not start:\n${this.output}`);
  }

  /** Ends it: SIGINT as Ctrl-C does, SIGKILL as a power cut does. */
  async end(signal: 'SIGINT' | 'SIGKILL' = 'SIGINT') {
    const child = this.process!;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((done) => child.once('exit', done));
      child.kill(signal);
      await gone;
    }
  }

  /** Ends the run permanently, and searches what it has logged for what no log may hold. */
  async stop() {
    await this.end();
    const found = leaks(await lines(this.output, this.dataDir));
    await rm(this.dataDir, { recursive: true, force: true });
    if (found.length) throw new Error(`the logs hold what they must not:\n${found.join('\n')}`);
  }

  /** A new account, by the API alone; gives its login. */
  async signUp(person: { name: string; company: string; email: string; password: string }): Promise<string> {
    const post = (path: string, body: unknown) =>
      fetch(`${this.origin}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    await post('/v1/register', person);
    const link = (await this.mail(person.email)).links.find((l) => l.includes('?token='))!;
    const answer = await post('/v1/verify', {
      token: new URL(link).searchParams.get('token'),
      password: person.password,
    });
    return ((await answer.json()) as { token: string }).token;
  }

  /** Puts a person's account on a plan, as its owner would: a trial without a card. */
  async subscribe(token: string, plan: string): Promise<void> {
    const post = async (path: string, body?: Record<string, string>) => {
      const answer = await fetch(this.origin + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        ...(body && { body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as { url: string; plan: { id: string } };
    };
    const { url } = await post('/v1/billing/checkout', { plan, interval: 'month' });
    await fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ do: 'none' }) });
    const now = await post('/v1/billing/refresh');
    if (now.plan.id !== plan) throw new Error(`the plan is ${now.plan.id}`);
  }

  /** The newest mail to an address, with a text in it, waited for. */
  async mail(to: string, about = ''): Promise<Mail> {
    for (let n = 0; n < 100; n++) {
      const mails = (await (await fetch(`${this.origin}/_local/mail`)).json()) as Mail[];
      const found = mails.find((m) => m.to.includes(to) && m.text.includes(about));
      if (found) return found;
      await sleep(100);
    }
    throw new Error(`no mail to ${to}`);
  }
}

/** A port that is free and whose next one is, for the demo site, as well. */
async function freePorts(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    if ((await free(port)) && (await free(port + 1))) return port;
  }
}

const free = (port: number) =>
  new Promise<boolean>((done) => {
    const s = createServer();
    s.once('error', () => done(false));
    s.listen(port, '127.0.0.1', () => s.close(() => done(true)));
  });
