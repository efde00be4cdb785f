import { keyMistake } from '../../console/src/session/key-mistake';
import { newApiKey, API_KEY_RANDOM_BYTES } from '../../core/crypto/api-key';

test('every key that the platform makes may be put in, with blanks around it too', () => {
  for (let byte = 0; byte < 256; byte += 15) {
    const { key } = newApiKey(Buffer.alloc(API_KEY_RANDOM_BYTES, byte));
    expect(keyMistake(` ${key}\n`)).toBeUndefined();
  }
});

test.each([
  ['', 'Put in an API key'],
  ['psk_a b', 'a space or a line break'],
  ['eyJhbGciOi', 'begin with psk_'],
  ['psk_short', 'too short'],
])('%j is told what is wrong with it', (text, wanted) => expect(keyMistake(text)).toContain(wanted));
