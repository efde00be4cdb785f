// The example's handler in workerd: its file is embedded beside this one.
import hello from './hello.js';

export default {
  async fetch(request) {
    const query = Object.fromEntries(new URL(request.url).searchParams);
    const body = JSON.stringify(hello.handler({ query }));
    return new Response(body, { headers: { 'content-type': 'application/json; charset=utf-8' } });
  },
};
