// What waits, as one file that an administrator can bring in when this device cannot send: sealed as it lies here, so that
// nobody reads it on the way. Lines of JSON; media in pieces, since lines are read whole.
const PIECE = 750_000; // bytes: base64 makes a third more of them, 1 MB

export async function file(store) {
  const device = await store.device();
  const lines = [line({
    format: 'nouvelles-solidarites/collecte', version: 1, made_at: new Date().toISOString(),
    device: device?.device.id ?? null, mediator: device?.mediator.id ?? null,
  })];
  for (const { uuid, owner, jose, media } of await store.ready()) {
    lines.push(line({ uuid, owner, jose, media: media.map(({ client_id, size }) => ({ client_id, sealed_size: size })) }));
    for (const { client_id } of media) {
      const data = await store.blob(uuid, client_id);
      const of = Math.ceil((data?.byteLength ?? 0) / PIECE);
      // A Blob of each: the browser may put it on its disk, where a hundred photos would fill the memory.
      for (let part = 0; part < of; part += 1) lines.push(new Blob([line({ uuid, client_id, part, of, data: base64(data.subarray(part * PIECE, (part + 1) * PIECE)) })]));
    }
  }
  return new Blob(lines, { type: 'application/x-ndjson' });
}

const line = (said) => `${JSON.stringify(said)}\n`;

function base64(data) {
  let text = '';
  for (let at = 0; at < data.length; at += 0x8000) text += String.fromCharCode(...data.subarray(at, at + 0x8000));
  return btoa(text);
}
