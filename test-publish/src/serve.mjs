/**
 * A registry of npm packages on 127.0.0.1, for the process that started it: it tells its port by IPC and ends with that process.
 * `serve.mjs <folder for what is published>`. It holds what is published to it, asks nobody else, and lets anybody publish.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { runServer } = createRequire(new URL('../registry/package.json', import.meta.url))('verdaccio');
const folder = process.argv[2];
if (folder === undefined || process.send === undefined) throw new Error('this is started by global-setup.ts');

const app = await runServer({
  self_path: join(folder, 'config.yaml'),
  storage: join(folder, 'storage'),
  auth: { htpasswd: { file: join(folder, 'htpasswd') } },
  uplinks: {},
  packages: { '**': { access: '$all', publish: '$all', unpublish: '$none' } },
  max_body_size: '100mb',
  web: { enable: false },
  log: { type: 'stdout', format: 'pretty', level: 'error' },
});
const server = app.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
process.once('disconnect', () => process.exit(0));
