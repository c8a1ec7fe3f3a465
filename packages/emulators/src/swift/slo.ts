import { deleteAll, type Doomed } from './bulk.js';
import { type Answer, type Call, type Handler, isSuccess, type Layer, subCall, textAnswer } from './call.js';
import { htmlError, statusLine } from './errors.js';
import { reportType } from './report.js';
import { isStaticLarge, MANIFEST_QUERY, parseManifest, readLargeObject } from './slo-read.js';
import { putManifest } from './slo-write.js';

/** Static large objects: https://docs.openstack.org/swift/latest/overview_large_objects.html */
export const staticLargeObjects: Layer = (call, next) => {
  if (call.object === undefined) return next(call);
  const manifest = call.query.get('multipart-manifest');
  const self: Handler = (inner) => staticLargeObjects(inner, next);
  if (call.method === 'PUT' && manifest === 'put') return putManifest(call, withSelf(self, next));
  if (call.method === 'DELETE' && manifest === 'delete') return deleteSegments(call, next);
  if (call.method === 'GET' || call.method === 'HEAD') return readLargeObject(call, next);
  if ('x-static-large-object' in call.headers) {
    throw htmlError(
      400,
      'X-Static-Large-Object is a reserved header. To create a static large object add query param multipart-manifest=put.',
    );
  }
  return next(call);
};

/** A manifest's segments are looked at from outside this layer, for they may be large objects; its own PUT goes inside. */
function withSelf(self: Handler, next: Handler): Handler {
  return (call) => (call.method === 'HEAD' ? self(call) : next(call));
}

/** `DELETE ...?multipart-manifest=delete`: segments, those of segments, and then the manifests. */
async function deleteSegments(call: Call, next: Handler): Promise<Answer> {
  const type = reportType(call);
  const name = `/${call.container ?? ''}/${call.object ?? ''}`;
  const find = () => withSegments(call, next, { name, versionId: call.query.get('version-id') });
  return textAnswer(200, await deleteAll(call, next, { type, find }), type);
}

async function withSegments(call: Call, next: Handler, manifest: Doomed): Promise<readonly Doomed[]> {
  const [, container = '', object = ''] = /^\/*([^/]+)\/(.*)$/s.exec(manifest.name) ?? [];
  const versionId = manifest.versionId;
  const query = new Map([
    ...MANIFEST_QUERY,
    ...(versionId === undefined ? [] : ([['version-id', versionId]] as const)),
  ]);
  const answer = await next(subCall(call, { method: 'GET', container, object, query }));
  if (answer.status === 404) return [failed(manifest, 404, 'SLO manifest not found')];
  if (answer.status === 401) return [failed(manifest, 401, statusLine(401))];
  if (!isSuccess(answer)) return [failed(manifest, 500, 'Unable to load SLO manifest or segment.')];
  if (!isStaticLarge(answer)) return [failed(manifest, 400, 'Not an SLO manifest')];
  const inner = await Promise.all(
    parseManifest(answer)
      .filter(({ name }) => name !== undefined)
      .map(async ({ name = '', sub_slo }) => (sub_slo === true ? withSegments(call, next, { name }) : [{ name }])),
  );
  return [...inner.flat(), manifest];
}

function failed(manifest: Doomed, status: number, message: string): Doomed {
  return { ...manifest, error: { status, message } };
}
