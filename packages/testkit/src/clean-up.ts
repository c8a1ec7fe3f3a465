import { isStorageError, type ObjectRef, type StorageDriver } from '@stowage/core/spi';

const CTX = { attempt: 1 } as const;
/** Where listings tell of a write some time later. */
const EVENTUAL_ROUNDS = 5;

/** Deletes a container with all that is in it, be it versions or uploads; does nothing when there is none. */
export async function emptyContainer(driver: StorageDriver, container: string): Promise<void> {
  const rounds = driver.capabilities.list.consistency === 'eventual' ? EVENTUAL_ROUNDS : 1;
  try {
    for (let round = 1; ; round++) {
      await deleteUploads(driver, container);
      await deleteObjects(driver, container);
      await deleteVersions(driver, container);
      try {
        await driver.deleteContainer(container, CTX);
        return;
      } catch (error) {
        // A listing that is not up to date yet: look again.
        if (!isStorageError(error, 'container-not-empty') || round === rounds) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 200 * round));
    }
  } catch (error) {
    if (!isStorageError(error, 'container-not-found')) throw error;
  }
}

async function deleteObjects(driver: StorageDriver, container: string): Promise<void> {
  let token: string | undefined;
  do {
    const page = await driver.list(container, { token }, CTX);
    await deleteAll(
      driver,
      page.objects.map(({ key }) => ({ container, key })),
    );
    token = page.next;
  } while (token !== undefined);
}

async function deleteVersions(driver: StorageDriver, container: string): Promise<void> {
  if (!driver.versions) return;
  let token: string | undefined;
  do {
    const page = await driver.versions.list(container, { token }, CTX);
    // Marks last: what is below a mark is not worth showing again, and Swift's S3 API never ends doing it.
    for (const isMark of [false, true]) {
      const versions = page.versions.filter(({ isDeleteMarker }) => isDeleteMarker === isMark);
      await deleteAll(
        driver,
        versions.map(({ key, versionId }) => ({ container, key, versionId })),
      );
    }
    token = page.next;
  } while (token !== undefined);
}

async function deleteUploads(driver: StorageDriver, container: string): Promise<void> {
  const { parts } = driver;
  if (!parts) return;
  let token: string | undefined;
  do {
    const page = await parts.listUploads(container, { token }, CTX);
    await Promise.all(page.uploads.map((upload) => parts.abort(upload, CTX)));
    token = page.next;
  } while (token !== undefined);
}

async function deleteAll(driver: StorageDriver, refs: readonly ObjectRef[]): Promise<void> {
  const queue = refs.values();
  const worker = async (): Promise<void> => {
    for (const ref of queue) await driver.delete(ref, {}, CTX);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}
