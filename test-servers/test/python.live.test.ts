import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { describeLive } from '../src/describe-live.js';
import { pythonModules, systemPython } from '../src/python.js';

const original = pythonModules(
  ['django', 'libcloud', 'storages.backends.apache_libcloud'],
  ['python3-django', 'python3-libcloud', 'python3-django-storages-libcloud'],
);

const program = `
import sys
from django.conf import settings
settings.configure(
    DEFAULT_LIBCLOUD_PROVIDER='here',
    LIBCLOUD_PROVIDERS={'here': {'type': 'libcloud.storage.types.Provider.LOCAL', 'user': sys.argv[1], 'key': '', 'bucket': 'bucket-1'}},
)
from django.core.files.base import ContentFile
from storages.backends.apache_libcloud import LibCloudStorage
store = LibCloudStorage()
print(store.save('hello.txt', ContentFile(b'from the original')))
print(store.size('hello.txt'))
`;

describeLive('the original Python backend', original, () => {
  it('saves a file through Provider.LOCAL, so that it can judge what we save', () => {
    const folder = mkdtempSync(join(tmpdir(), 'stowage-python-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, 'bucket-1'));
    const output = execFileSync(systemPython, ['-c', program, folder], { encoding: 'utf8' });
    expect(output.trim().split('\n')).toEqual(['hello.txt', '17']);
    expect(readFileSync(join(folder, 'bucket-1', 'hello.txt'), 'utf8')).toBe('from the original');
  });
});
