// Reads the tables of a run that has ended.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

type Item = Record<string, unknown>;

/** Every item of every table, by the template's name for the table. */
export async function tables(dataDir: string): Promise<Map<string, Item[]>> {
  const packages = join(root, 'node_modules/@dynoxide');
  const bundled = existsSync(packages)
    ? readdirSync(packages)
        .map((p) => join(packages, p, 'dynoxide'))
        .find(existsSync)
    : undefined;
  const program = process.env.DYNOXIDE_BIN ?? bundled ?? 'dynoxide';
  const port = await free();
  const db = spawn(program, ['serve', '-p', String(port), '--db-path', join(dataDir, 'dynamodb.sqlite')], {
    stdio: 'ignore',
  });
  try {
    const call = async (action: string, input: object) => {
      const answer = await fetch(`http://127.0.0.1:${port}/`, {
        method: 'POST',
        body: JSON.stringify(input),
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `DynamoDB_20120810.${action}`,
          authorization:
            'AWS4-HMAC-SHA256 Credential=local/20260101/eu-west-2/dynamodb/aws4_request, ' +
            'SignedHeaders=host;x-amz-date, Signature=0',
          'x-amz-date': '20260101T000000Z',
        },
      });
      if (!answer.ok) throw new Error(`${action}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as Record<string, any>;
    };
    for (let n = 0; ; n++) {
      try {
        await call('ListTables', {});
        break;
      } catch (error) {
        if (n > 100) throw error;
        await sleep(50);
      }
    }
    const all = new Map<string, Item[]>();
    for (const name of (await call('ListTables', {})).TableNames as string[]) {
      const items: Item[] = [];
      let from: unknown;
      do {
        const page = await call('Scan', { TableName: name, ...(from ? { ExclusiveStartKey: from } : {}) });
        items.push(...page.Items);
        from = page.LastEvaluatedKey;
      } while (from);
      all.set(name.replace(/^.*-/, '').replace(/Table$/, ''), items);
    }
    return all;
  } finally {
    db.kill();
  }
}

const free = () =>
  new Promise<number>((done) => {
    const s = createServer();
    s.listen(0, '127.0.0.1', () => {
      const { port } = s.address() as { port: number };
      s.close(() => done(port));
    });
  });
