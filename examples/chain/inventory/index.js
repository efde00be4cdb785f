'use strict';
const { callFunction } = require('./call-function');

/** Price in cents, kind of goods (it decides the tax), pieces one order can have. */
const GOODS = new Map([
  ['bread', { kind: 'food', priceCents: 389, available: 40 }],
  ['apples', { kind: 'food', priceCents: 249, available: 60 }],
  ['novel', { kind: 'book', priceCents: 1400, available: 12 }],
  ['lamp', { kind: 'other', priceCents: 4999, available: 3 }],
]);

/** The inventory: finds each item's price, refuses what is not there, and hands the order on to the tax. */
exports.handler = async (req, res) => {
  if (req.method !== 'POST') return { inventory: Object.fromEntries(GOODS) };
  const { lines, country, card } = req.body ?? {};
  if (!Array.isArray(lines)) return void res.status(400).json({ error: 'lines are missing' });
  for (const { sku, quantity } of lines) {
    const goods = GOODS.get(sku);
    if (!goods) return void res.status(404).json({ error: `there is no ${sku}` });
    if (quantity > goods.available) {
      return void res.status(409).json({ error: `${goods.available} of ${sku} are left, ${quantity} were wanted` });
    }
  }
  const priced = lines.map(({ sku, quantity }) => {
    const { kind, priceCents } = GOODS.get(sku);
    return { sku, quantity, kind, netCents: priceCents * quantity };
  });
  const { status, body } = await callFunction('tax', { lines: priced, country, card });
  res.status(status).json(body);
};
