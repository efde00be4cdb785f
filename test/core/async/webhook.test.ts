import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { isWebhookToken, webhookToken, WebhookSignature } from '../../../core/async/webhook';

const key = Buffer.alloc(32, 7);

test('a token is its own for each function and trigger, and fits into a URL', () => {
  const token = webhookToken(key, 'f', 't');
  expect(token).toMatch(/^[\w-]{32}$/);
  expect(webhookToken(key, 'f', 't')).toBe(token);
  const others = [
    webhookToken(key, 'g', 't'),
    webhookToken(key, 'f', 'u'),
    webhookToken(Buffer.alloc(32, 8), 'f', 't'),
  ];
  expect(new Set([token, ...others]).size).toBe(4);
  expect(isWebhookToken(token, token)).toBe(true);
  for (const wrong of [...others, '', token.slice(1), `${token}x`]) expect(isWebhookToken(wrong, token)).toBe(false);
});

test('a signature holds for the body it was made of, in whatever pieces it comes', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 5 }), fc.string(), (pieces, secret) => {
      const hex = createHmac('sha256', secret).update(Buffer.concat(pieces)).digest('hex');
      const check = (header: string | undefined): boolean => {
        const signature = new WebhookSignature(secret);
        for (const piece of pieces) signature.update(Buffer.from(piece));
        return signature.matches(header);
      };
      expect(check(`sha256=${hex}`)).toBe(true);
      expect(check(hex.toUpperCase())).toBe(true);
      const flipped = (hex.startsWith('0') ? '1' : '0') + hex.slice(1);
      for (const wrong of [undefined, '', flipped, `sha1=${hex}`, hex.slice(2)]) expect(check(wrong)).toBe(false);
    }),
  );
});
