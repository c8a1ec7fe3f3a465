import { crc32, deflateSync } from 'node:zlib';

/** Makes a PNG of a sunset, so that the demo has a real picture without shipping one. @param {number} width @param {number} height */
export function makePicture(width, height) {
  const rows = Array.from({ length: height }, (_, y) => pictureRow(width, y / height));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** @param {number} width @param {number} depth 0 at the top, 1 at the bottom */
function pictureRow(width, depth) {
  const row = Buffer.alloc(1 + width * 3);
  for (let x = 0; x < width; x += 1) {
    const distance = Math.hypot(x / width - 0.5, (depth - 0.6) * 0.7);
    const light = distance < 0.12 ? 1 : Math.max(0, 0.8 - distance);
    row.set([80 + 175 * light, 40 + 150 * light * light, 90 + 60 * (1 - depth)], 1 + x * 3);
  }
  return row;
}

/** @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(8 + body.length);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), 4 + body.length);
  return framed;
}
