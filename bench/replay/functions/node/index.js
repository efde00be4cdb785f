// Stands in for a function of the trace: takes as long as that one did, by waiting.
exports.handler = async (req) => {
  const milliseconds = Math.min(60_000, Math.max(0, Number(req.query.ms) || 0));
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  return { waited: milliseconds };
};
