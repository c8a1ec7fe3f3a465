/**
 * Draws what a storage lists below a directory, one listing for each directory.
 * @param {import('@stowage/django-style-adapter').LibCloudStorage} store
 * @returns {AsyncGenerator<string, void, undefined>}
 */
export async function* drawTree(store, path = '', indent = '') {
  const [directories, files] = await store.listdir(path);
  const entries = [
    ...directories.map((name) => ({ name, isDirectory: true })),
    ...files.map((name) => ({ name, isDirectory: false })),
  ];
  for (const [index, { name, isDirectory }] of entries.entries()) {
    const isLast = index === entries.length - 1;
    yield `${indent}${isLast ? '└── ' : '├── '}${name}${isDirectory ? '/' : ''}`;
    if (isDirectory) yield* drawTree(store, `${path}${name}/`, `${indent}${isLast ? '    ' : '│   '}`);
  }
}
