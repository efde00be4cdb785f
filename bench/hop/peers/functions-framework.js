'use strict';
// The example's handler behind the signature that the framework calls.
const { handler } = require(process.env.HELLO_MODULE);

exports.hello = (req, res) => res.send(handler(req));
