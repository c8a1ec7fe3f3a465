/** For authors of drivers that speak HTTP. Users import `@stowage/core`. */
export { checkUrlKey, headerRecord } from './addresses.js';
export { base64ToHex, hexToBase64 } from './base64.js';
export { asObjectExists } from './classify/object-exists.js';
export { redirectedRequest, redirectTarget, type RedirectTarget } from './classify/redirect.js';
export { classifyStatus, retryAfterMs, type StatusContext, type StatusFacts } from './classify/status.js';
export { countedBody } from './counted-body.js';
export { basicIsoDate, httpDate, parseHttpDateMs, parseIsoDateMs } from './dates.js';
export type { AnswerMessage, EndMessage, ErrorMessage, RequestMessage } from './diagnostics/channels.js';
export { redactHeaders, redactPath } from './diagnostics/redact.js';
export {
  isSafeChannel,
  originOf,
  parseEndpoint,
  type Place,
  type PlaceOptions,
  placeOptionTable,
  readPlace,
} from './endpoint.js';
export { rangeHeader, readContentRange, readObjectSize } from './range.js';
export { type Expiring, Renewed, type RenewedSettings } from './renewed.js';
export { parseContainerPage, type S3ContainerPage } from './s3/container-page.js';
export { deleteDocument, isUnfitForXml, matchDeleteResults } from './s3/delete-document.js';
export { parseDeleteResults, type S3DeleteResult } from './s3/delete-results.js';
export {
  isErrorDocument,
  parseErrorDocument,
  parseUploadId,
  parseWriteResult,
  type S3ErrorDocument,
  type S3WriteResult,
  unquote,
} from './s3/documents.js';
export { decodeMetadataValue, encodeMetadataValue } from './s3/encoded-words.js';
export { type ObjectFieldReader, type ObjectRow, readObjectField } from './s3/object-row.js';
export { parseObjectPage, type S3ObjectPage } from './s3/object-page.js';
export { parsePartPage, type S3Part, type S3PartPage } from './s3/part-page.js';
export { type ListPosition, readPosition, writePosition } from './s3/positions.js';
export { parseUploadPage, type S3Upload, type S3UploadPage } from './s3/upload-page.js';
export { parseVersionPage, type S3VersionPage } from './s3/version-page.js';
export { ServiceClock } from './service-clock.js';
export { completionDocument, versioningDocument } from './s3/write-documents.js';
export {
  type CanonicalHeaders,
  canonicalHeaders,
  canonicalQuery,
  canonicalRequest,
  sha256OfBytes,
  sha256OfText,
} from './sign/canonical.js';
export { ChunkEncoder, type ChunkEncoding, encodedLength, type Trailer } from './sign/chunk-encoder.js';
export {
  chunkedBody,
  type ChunkedBodyOptions,
  STREAMING_SIGNED,
  STREAMING_SIGNED_TRAILER,
  STREAMING_UNSIGNED_TRAILER,
} from './sign/chunked-body.js';
export { checkFormLife, formConditions, formFields, openFields } from './sign/form.js';
export { type HeaderSignature, type SignableRequest, signHeaders } from './sign/headers.js';
export { type DayKey, type HmacForm, hmacSigner, type KeyPair, rsaSigner, type SignText } from './sign/keys.js';
export { type PolicyCondition, type PolicyRequest, signPolicy } from './sign/policy.js';
export { draftPresign, MAX_PRESIGN_SECONDS, presign, type PresignDraft, type PresignRequest } from './sign/presign.js';
export { AWS4, EMPTY_SHA256, GOOG4, GOOG4_RSA, type SigningScheme, UNSIGNED_PAYLOAD } from './sign/scheme.js';
export { Signer, type SignerOptions, type SigningKeys, type TextSigner } from './sign/signer.js';
export { type TransportOptions, transportOptionTable } from './transport/options.js';
export { contentLengthOf } from './transport/response.js';
export { createTransport, type Transport } from './transport/transport.js';
export { escapePath, escapeUri, hostOf, queryString } from './uri.js';
export type { WireBody, WireRequest, WireResponse } from './wire.js';
export { childrenOf, parseXml, textAt, type XmlElement } from './xml/element.js';
export { XmlReader } from './xml/reader.js';
export { escapeXml, writeXml, type XmlContent } from './xml/write.js';
