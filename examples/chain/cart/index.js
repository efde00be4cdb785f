'use strict';
const { callFunction } = require('./call-function');

/** The cart: checks what is ordered, adds up equal items, and hands the order on to the inventory. */
exports.handler = async (req, res) => {
  if (req.method !== 'POST') return { cart: 'POST {"country", "card", "items": [{"sku", "quantity"}]}' };
  const { items, country, card } = req.body ?? {};
  const valid = (item) => typeof item?.sku === 'string' && Number.isInteger(item.quantity) && item.quantity > 0;
  if (!Array.isArray(items) || items.length === 0 || !items.every(valid)) {
    return void res
      .status(400)
      .json({ error: 'items must be a list of {sku, quantity}, each quantity a whole number above 0' });
  }
  const quantities = new Map();
  for (const { sku, quantity } of items) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  const lines = [...quantities].map(([sku, quantity]) => ({ sku, quantity }));
  console.log(`cart with ${lines.length} kinds of goods`);
  const { status, body } = await callFunction('inventory', { lines, country, card });
  res.status(status).json(body);
};
