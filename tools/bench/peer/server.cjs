// The peer: @supabase/stripe-sync-engine behind a plain HTTP server, as its users run it.
//   DATABASE_URL, STRIPE_WEBHOOK_SECRET and PORT come from the environment; POST /webhooks/stripe.
// CommonJS, because the migrations of the package's ES module do not find their files.
const http = require('node:http');
const { StripeSync, runMigrations } = require('@supabase/stripe-sync-engine');

const { DATABASE_URL, STRIPE_WEBHOOK_SECRET, PORT } = process.env;
const logger = { info() {}, warn: console.warn, error: console.error };

async function main() {
  await runMigrations({ databaseUrl: DATABASE_URL, schema: 'stripe', logger });
  const sync = new StripeSync({
    poolConfig: { connectionString: DATABASE_URL, max: 10 },
    stripeSecretKey: 'sk_test_not_used_by_webhooks',
    stripeWebhookSecret: STRIPE_WEBHOOK_SECRET,
  });

  http.createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    if (request.url !== '/webhooks/stripe') return answer(response, 200, { status: 'ok' });
    try {
      await sync.processWebhook(Buffer.concat(parts), request.headers['stripe-signature']);
    } catch (error) {
      // It has no table for transfers and application fees; its users answer 200 to those.
      if (error.message !== 'Unhandled webhook event') {
        console.error(error);
        return answer(response, 400, { error: error.message });
      }
    }
    return answer(response, 200, { received: true });
  }).listen(Number(PORT), '127.0.0.1');
}

function answer(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

process.on('SIGTERM', () => process.exit(0));
main();
