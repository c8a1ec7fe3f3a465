import { contentFrom } from './content.mjs';

/** @typedef {import('node:net').Socket} Socket @typedef {{ start: number, end: number }} Range */

/** @param {Socket} socket @param {Range} range @param {() => void} onEnd */
function sendFast(socket, range, onEnd) {
  let at = range.start;
  const pump = () => {
    while (at < range.end && !socket.destroyed) {
      const slice = contentFrom(at, range.end - at);
      at += slice.length;
      if (!socket.write(slice) && at < range.end) {
        socket.once('drain', pump);
        return;
      }
    }
    onEnd();
  };
  pump();
}

/** @param {Socket} socket @param {Range} range @param {import('./pace.mjs').Pace} pace @param {() => void} onEnd */
function sendPaced(socket, range, pace, onEnd) {
  let at = range.start;
  pace.run((dueBytes) => {
    // What the client does not take now it will not get sooner later.
    if (socket.writableLength === 0 && dueBytes > 0) {
      const slice = contentFrom(at, Math.min(dueBytes, range.end - at));
      at += slice.length;
      socket.write(slice);
    }
    if (at < range.end && !socket.destroyed) return false;
    onEnd();
    return true;
  });
}

/**
 * Sends a range of the content without copying it, as fast as the client takes it or as the pace allows.
 * @param {Socket} socket @param {Range} range @param {import('./pace.mjs').Pace | undefined} pace @param {() => void} onEnd
 */
export function sendContent(socket, range, pace, onEnd) {
  if (pace) sendPaced(socket, range, pace, onEnd);
  else sendFast(socket, range, onEnd);
}
