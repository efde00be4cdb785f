'use strict';
/**
 * Fresh randomness for clones of a checkpoint. All clones start with the same memory, so every generator that was
 * seeded before the checkpoint would give all of them the same numbers:
 *  - OpenSSL (crypto.randomBytes, TLS, worker threads too): the addon makes it take new entropy from the kernel;
 *  - the caches in front of it (crypto.randomUUID: 128 ids, crypto.randomInt: 1024 numbers): drained;
 *  - Math.random: V8 cannot be told to seed it anew, so from then on it is a generator of our own with 128 bits of seed.
 * Out of reach, to be renewed by the function's afterRestore hook: Math.random inside worker threads and vm contexts
 * made before the checkpoint, and pools that packages keep for themselves (uuid, nanoid).
 */
const path = require('node:path');

const UUID_CACHE = 128;
const INTEGER_CACHE = 1024;
const REHEARSALS = 10;

let source = Math.random;
// In place before any user code runs, so that `const { random } = Math` is served by it as well.
Math.random = function random() {
  return source();
};

const addon = loadAddon();

function loadAddon() {
  try {
    return require(process.env.PRESAGE_RESEED || path.join(__dirname, 'reseed.node'));
  } catch {
    return undefined;
  }
}

/** xoshiro128++ by D. Blackman and S. Vigna (public domain); 53 bits a number, as V8 gives. */
function xoshiro128([a, b, c, d]) {
  const next = () => {
    const sum = (a + d) | 0;
    const result = (((sum << 7) | (sum >>> 25)) + a) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  return () => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992;
}

/** Whether clones of this process can be given fresh randomness; a checkpoint is refused otherwise. */
exports.canReseed = addon !== undefined && addon() === 1;

/** To be called in a clone before any of the function's code runs. @throws where the addon is missing */
exports.reseed = () => {
  if (!exports.canReseed) throw new Error('the reseed addon is missing: clones would share their random numbers');
  addon();
  const crypto = require('node:crypto');
  for (let left = UUID_CACHE; left > 0; left--) crypto.randomUUID();
  for (let left = INTEGER_CACHE; left > 0; left--) crypto.randomInt(2);
  source = xoshiro128(crypto.randomFillSync(new Uint32Array(4)));
};

/**
 * Runs the re-seeding until V8 has compiled it, so that the compiled code is part of the checkpoint: in each clone it
 * then takes under 1 ms of the first request instead of 6.
 */
exports.rehearse = () => {
  for (let round = 0; round < REHEARSALS; round++) exports.reseed();
};

/** Gives freed memory back, so that it is not part of the checkpoint. */
exports.trim = () => addon?.trim();
