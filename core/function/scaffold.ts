/** A first function: file names with their content. */
export const SCAFFOLDS = { nodejs, python, http } as const;
export type ScaffoldRuntime = keyof typeof SCAFFOLDS;

function manifest(name: string, runtime: string, start: string): string {
  return `apiVersion: presage.dev/v1
kind: Function
metadata:
  name: ${name}
spec:
  runtime: ${runtime}
  ${start}
  resources:
    memory: 128Mi
    cpu: 500m
`;
}

function nodejs(name: string): Record<string, string> {
  return {
    'function.yaml': manifest(name, 'nodejs', 'handler: index.handler'),
    'index.js': `/** What runs out here runs once, before the checkpoint: load and prepare here. */
const startedAt = new Date().toISOString();

/** Answers one request. \`req\` and \`res\` are Node's own, with \`req.query\`, \`req.body\` and \`res.json\` added. */
exports.handler = async (req, res) => {
  const name = req.query.name ?? 'world';
  console.log('greeting', name);
  res.json({ hello: name, startedAt });
};
`,
  };
}

function python(name: string): Record<string, string> {
  return {
    'function.yaml': manifest(name, 'python', 'handler: main.handler'),
    'main.py': `"""What runs out here runs once, before the checkpoint: import and prepare here."""
from datetime import datetime, timezone

started_at = datetime.now(timezone.utc).isoformat()


def handler(request):
    """Answers one request. A dict becomes JSON."""
    print("greeting the caller")
    return {"hello": "world", "startedAt": started_at}
`,
  };
}

function http(name: string): Record<string, string> {
  return {
    'function.yaml': manifest(name, 'http', 'command: [node, server.js]'),
    'server.js': `// Any server in any language: it listens on the Unix socket $PRESAGE_SOCKET, or on $PORT. Listening means ready.
const http = require('node:http');

http
  .createServer((req, res) => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ hello: 'world', path: req.url }) + '\\n');
  })
  .listen(process.env.PRESAGE_SOCKET ?? process.env.PORT);
`,
  };
}
