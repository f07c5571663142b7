// The peer: @supabase/stripe-sync-engine behind fastify, as its users run it.
//   DATABASE_URL, STRIPE_WEBHOOK_SECRET and PORT come from the environment; POST /webhooks/stripe.
// CommonJS, because the migrations of the package's ES module do not find their files.
const { StripeSync, runMigrations } = require('@supabase/stripe-sync-engine');
const fastify = require('fastify');

const { DATABASE_URL, STRIPE_WEBHOOK_SECRET, PORT } = process.env;
const logger = { info() {}, warn: console.warn, error: console.error };

async function main() {
  await runMigrations({ databaseUrl: DATABASE_URL, schema: 'stripe', logger });
  const sync = new StripeSync({
    poolConfig: { connectionString: DATABASE_URL, max: 10 },
    stripeSecretKey: 'sk_test_not_used_by_webhooks',
    stripeWebhookSecret: STRIPE_WEBHOOK_SECRET,
  });

  const server = fastify({ bodyLimit: 2 * 1024 * 1024 });
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.get('/healthz', async () => ({ status: 'ok' }));
  server.post('/webhooks/stripe', async (request, reply) => {
    try {
      await sync.processWebhook(request.body, request.headers['stripe-signature']);
    } catch (error) {
      // It has no table for transfers and application fees; its users answer 200 to those.
      if (error.message !== 'Unhandled webhook event') {
        console.error(error);
        return reply.code(400).send({ error: error.message });
      }
    }
    return reply.send({ received: true });
  });
  await server.listen({ host: '127.0.0.1', port: Number(PORT) });
}

process.on('SIGTERM', () => process.exit(0));
main();
