// A silent proof of work, asked only beyond the limits: finds n such that SHA-256(challenge + ":" + n)
// starts with `difficulty` zero bits, puts `challenge` and `proof` into the form and sends it.
// <form data-proof="CHALLENGE" data-difficulty="16">. In slices, so that the page keeps answering;
// our own SHA-256, since crypto.subtle costs a promise a try and is missing on plain http.
const K = new Int32Array(64);
const START = new Int32Array(8);
for (let n = 2, found = 0; found < 64; n += 1) {
  let prime = true;
  for (let d = 2; d * d <= n; d += 1) if (n % d === 0) { prime = false; break; }
  if (!prime) continue;
  const bits = (root) => (root - Math.floor(root)) * 2 ** 32;
  if (found < 8) START[found] = bits(Math.sqrt(n));
  K[found] = bits(Math.cbrt(n));
  found += 1;
}
const W = new Int32Array(64);

function block(hash) { // W[0..15] are its words
  for (let i = 16; i < 64; i += 1) {
    const x = W[i - 15], y = W[i - 2];
    W[i] = W[i - 16] + W[i - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10);
  }
  let a = hash[0], b = hash[1], c = hash[2], d = hash[3], e = hash[4], f = hash[5], g = hash[6], h = hash[7];
  for (let i = 0; i < 64; i += 1) {
    const one = h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + K[i] + W[i] | 0;
    const two = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ a & c ^ b & c) | 0;
    h = g; g = f; f = e; e = d + one | 0; d = c; c = b; b = a; a = one + two | 0;
  }
  hash[0] += a; hash[1] += b; hash[2] += c; hash[3] += d; hash[4] += e; hash[5] += f; hash[6] += g; hash[7] += h;
}

// SHA-256 of texts that begin alike (ASCII): the blocks they share are worked out once.
export function hasher(prefix) {
  const bytes = new TextEncoder().encode(prefix);
  const whole = bytes.length >> 6 << 6;
  const shared = START.slice();
  for (let offset = 0; offset < whole; offset += 64) {
    for (let i = 0; i < 16; i += 1) W[i] = bytes[offset + i * 4] << 24 | bytes[offset + i * 4 + 1] << 16 | bytes[offset + i * 4 + 2] << 8 | bytes[offset + i * 4 + 3];
    block(shared);
  }
  const hash = new Int32Array(8);
  const rest = new Uint8Array(128);
  rest.set(bytes.subarray(whole));
  const from = bytes.length - whole;
  return (suffix) => {
    hash.set(shared);
    for (let i = 0; i < suffix.length; i += 1) rest[from + i] = suffix.charCodeAt(i);
    const used = from + suffix.length;
    rest[used] = 0x80;
    const end = used < 56 ? 64 : 128;
    rest.fill(0, used + 1, end);
    for (let offset = 0; offset < end; offset += 64) {
      for (let i = 0; i < 16; i += 1) W[i] = rest[offset + i * 4] << 24 | rest[offset + i * 4 + 1] << 16 | rest[offset + i * 4 + 2] << 8 | rest[offset + i * 4 + 3];
      if (offset + 64 === end) W[15] = (whole + used) * 8;
      block(hash);
    }
    return hash;
  };
}

export function zeros(hash) {
  let count = 0;
  for (let i = 0; i < 8; i += 1) {
    count += Math.clz32(hash[i]);
    if (hash[i]) break;
  }
  return count;
}

export async function work(challenge, difficulty) {
  const hash = hasher(`${challenge}:`);
  for (let n = 0; ;) {
    const until = performance.now() + 24;
    while (performance.now() < until) {
      for (const last = n + 256; n < last; n += 1) if (zeros(hash(String(n))) >= difficulty) return n;
    }
    await new Promise((resume) => setTimeout(resume));
  }
}

export function start(forms) { forms.forEach(prepare); }

async function prepare(form) {
  const put = (name, value) => {
    const field = form.elements[name] ?? form.appendChild(Object.assign(document.createElement('input'), { type: 'hidden', name }));
    field.value = value;
  };
  const proof = await work(form.dataset.proof, Number(form.dataset.difficulty));
  put('challenge', form.dataset.proof);
  put('proof', proof);
  form.noValidate = true;
  form.requestSubmit();
}
