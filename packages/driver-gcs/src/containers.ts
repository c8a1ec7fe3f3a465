import {
  type ContainerRecord,
  type CreateContainerRequest,
  pageOfContainers,
  type StorageDriver,
} from '@stowage/core/spi';
import { escapeXml, parseContainerPage } from '@stowage/http';
import type { GcsService } from './gcs-service.js';
import { listObjects } from './list.js';
import { checkProviderOptions, optionText } from './provider-options.js';
import { type GcsCall, withXml, xmlCall } from './requests.js';

type ContainerCalls = Pick<
  StorageDriver,
  'listContainers' | 'statContainer' | 'createContainer' | 'deleteContainer' | 'list'
>;

/** Buckets and what is in them. */
export function containerCalls(service: GcsService): ContainerCalls {
  const { client, endpoint } = service;
  return {
    async listContainers(request, ctx) {
      const call = xmlCall(endpoint, 'GET', {}, { headers: await projectHeaders(service) });
      const [{ containers }] = await client.ask(call, ctx, parseContainerPage);
      return pageOfContainers(containers, request);
    },
    async statContainer(container, ctx): Promise<ContainerRecord> {
      const response = await client.send(xmlCall(endpoint, 'HEAD', { container }), ctx);
      const metageneration = response.header('x-goog-metageneration');
      return { name: container, ...(metageneration !== undefined && { extra: { metageneration } }) };
    },
    async createContainer(container, request, ctx) {
      await client.send(await createCall(service, container, request), ctx);
      return { name: container };
    },
    async deleteContainer(container, ctx) {
      await client.send(xmlCall(endpoint, 'DELETE', { container }), ctx);
    },
    list: (container, request, ctx) => listObjects(service, container, request, ctx),
  };
}

async function projectHeaders({ project, dialect }: GcsService): Promise<string[]> {
  const name = await project();
  return name === undefined ? [] : [`${dialect}project-id`, name];
}

/** https://cloud.google.com/storage/docs/xml-api/put-bucket-create */
async function createCall(
  service: GcsService,
  container: string,
  { provider }: CreateContainerRequest,
): Promise<GcsCall> {
  const { endpoint, options, dialect } = service;
  checkProviderOptions('create', provider, ['location', 'storageClass', 'acl']);
  const acl = provider?.['acl'];
  const rights = acl === undefined ? [] : [`${dialect}acl`, optionText('acl', acl)];
  const headers = [...(await projectHeaders(service)), ...rights];
  const call = xmlCall(endpoint, 'PUT', { container }, { headers });
  const location = provider?.['location'] ?? options.location;
  const storageClass = provider?.['storageClass'];
  const elements = [
    location === undefined ? '' : element('LocationConstraint', optionText('location', location)),
    storageClass === undefined ? '' : element('StorageClass', optionText('storageClass', storageClass)),
  ].join('');
  return elements === '' ? call : withXml(call, `<CreateBucketConfiguration>${elements}</CreateBucketConfiguration>`);
}

function element(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}
