import { randomBytes } from 'node:crypto';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { jwt, sign } from 'hono/jwt';

// Tokens end with the process unless a secret is given.
const secret = process.env.JWT_SECRET || randomBytes(32).toString('hex');
const password = process.env.APP_PASSWORD;
const app = new Hono();

app.get('/', (c) => c.json({ hello: 'world' }));
app.get('/health', (c) => c.json({ status: 'ok' }));
app.post('/sign-in', async (c) => {
  const body = await c.req.json();
  if (!password || body.password !== password) {
    return c.json({ error: 'wrong password, or APP_PASSWORD is not set' }, 401);
  }
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return c.json({ token: await sign({ sub: String(body.user), exp }, secret) });
});
app.use('/private/*', jwt({ secret, alg: 'HS256' }));
app.get('/private/me', (c) => c.json(c.get('jwtPayload')));

serve({ fetch: app.fetch, hostname: '0.0.0.0', port: Number(process.env.PORT || 3000) });
