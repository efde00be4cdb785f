'use strict';
const { randomUUID } = require('node:crypto');

const LIMIT_CENTS = 500_000;

/** The check digit that every card number ends with (ISO/IEC 7812-1). */
function isCardNumber(text) {
  if (typeof text !== 'string' || !/^\d{12,19}$/.test(text)) return false;
  let sum = 0;
  for (const [place, digit] of [...text].reverse().entries()) {
    const value = Number(digit) * (place % 2 === 1 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/** The payment: checks the card and the amount, and answers with the receipt. No money moves. */
exports.handler = (req, res) => {
  if (req.method !== 'POST') return { payment: `card numbers are checked; up to ${LIMIT_CENTS / 100} EUR` };
  const { card, totalCents, currency, lines } = req.body ?? {};
  if (!isCardNumber(card)) return void res.status(402).json({ error: 'the card number is not valid' });
  if (!Number.isInteger(totalCents) || totalCents <= 0 || totalCents > LIMIT_CENTS) {
    return void res.status(402).json({ error: `the amount ${totalCents} cannot be paid` });
  }
  // the card number itself is neither answered nor logged
  console.log(`paid ${totalCents} cents`);
  return { receipt: randomUUID(), paidCents: totalCents, currency, card: `…${card.slice(-4)}`, lines };
};
