// What nobody but the service opens: words as a JWE to its public key (ECDH-ES on P-256, A256GCM), each medium under a
// key of its own, which travels inside the sealed words. After sealing, this device cannot read them either.
import { CompactEncrypt } from '../../vendor/jose/jwe/compact/encrypt.js';
import { encode } from '../../vendor/jose/util/base64url.js';

// Safari hands over files that have a name, a size and no bytes; what is not there cannot be promised.
export class EmptyFile extends Error { name = 'EmptyFile'; }

const bytes = (text) => new TextEncoder().encode(text);
export const digest = async (data) => new Uint8Array(await crypto.subtle.digest('SHA-256', typeof data === 'string' ? bytes(data) : data));
export const hex = (data) => [...data].map((byte) => byte.toString(16).padStart(2, '0')).join('');
export const sha256 = async (data) => hex(await digest(data));

export function sealText(said, jwk) {
  return new CompactEncrypt(bytes(JSON.stringify(said)))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: jwk.kid })
    .encrypt(jwk);
}

// `size` and `sha256` are the medium's own, `data` is 16 bytes longer.
export async function sealBlob(blob) {
  const plain = await blob.arrayBuffer().catch((cause) => { throw new EmptyFile('unreadable', { cause }); });
  if (!plain.byteLength || plain.byteLength !== blob.size) throw new EmptyFile(`${plain.byteLength} of ${blob.size}`);
  const raw = crypto.getRandomValues(new Uint8Array(32));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt']);
  const [data, sum] = await Promise.all([crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, plain), sha256(plain)]);
  return { data: new Uint8Array(data), key: encode(raw), iv: encode(iv), sha256: sum, size: plain.byteLength };
}

// A P-256 key named by its own thumbprint (RFC 7638): what a portal answers in the service's place is not one.
export async function isKey(jwk) {
  if (jwk?.kty !== 'EC' || jwk.crv !== 'P-256' || typeof jwk.x !== 'string' || typeof jwk.y !== 'string') return false;
  const { crv, kty, x, y } = jwk;
  return encode(await digest(JSON.stringify({ crv, kty, x, y }))) === jwk.kid;
}

// For this device alone (drafts, codes not given yet): a key that scripts can use and not read.
export const ownKey = () => crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);

export async function hide(key, data) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, typeof data === 'string' ? bytes(data) : data) };
}

export const show = (key, { iv, data }) => crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, data);
export const showText = async (key, hidden) => new TextDecoder().decode(await show(key, hidden));
