// Makes signatures.json with Stripe's official SDK, which also says what it accepts itself.
//
//   npm install stripe@23 && node make.mjs > signatures.json
import Stripe from "stripe";

const stripe = new Stripe("sk_test_vectors");
const secret = "whsec_daybook_test_secret_1";
const older = "whsec_daybook_test_secret_0";
const stranger = "whsec_somebody_else";
const at = 1790000000;

const event = (extra = {}) =>
  JSON.stringify({ id: "evt_1", object: "event", type: "charge.succeeded", created: at, ...extra }, null, 2);

const header = (payload, options = {}) =>
  stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: at, ...options });

const v1 = (payload, key) => header(payload, { secret: key }).split(",")[1];

/** What the SDK says with each secret in turn: the index of the first that it accepts, or -1. */
function accepted(vector) {
  return vector.secrets.findIndex((key) => {
    try {
      return stripe.webhooks.signature.verifyHeader(
        vector.body, vector.header, key, 300, undefined, vector.now * 1000);
    } catch {
      return false;
    }
  });
}

const body = event();
const vectors = [
  { name: "a plain event", header: header(body), body },
  { name: "the last second of the tolerance", header: header(body), body, now: at + 300 },
  { name: "one second beyond the tolerance", header: header(body), body, now: at + 301, failure: "stale" },
  { name: "a timestamp in the future", header: header(body), body, now: at - 3600 },
  { name: "rotation: signed with the new secret", header: header(body), body, secrets: [secret, older] },
  { name: "rotation: signed with the old secret", header: header(body, { secret: older }), body, secrets: [secret, older] },
  { name: "rotation: one v1 of each secret", header: `t=${at},${v1(body, older)},${v1(body, secret)}`, body },
  { name: "several v1, none of them ours", header: `t=${at},${v1(body, older)},${v1(body, stranger)}`, body, failure: "mismatch" },
  { name: "several v1 after a v0", header: `t=${at},v0=abcdef,${v1(body, stranger)},${v1(body, secret)}`, body },
  { name: "v1 before t", header: `${v1(body, secret)},t=${at}`, body },
  { name: "an unknown scheme beside v1", header: `t=${at},v9=00ff,${v1(body, secret)}`, body },
  { name: "only v0", header: header(body, { scheme: "v0" }), body, failure: "no_v1" },
  { name: "the secret of somebody else", header: header(body, { secret: stranger }), body, failure: "mismatch" },
  { name: "one byte of the body changed", header: header(body), body: body.replace("evt_1", "evt_2"), failure: "mismatch" },
  { name: "one byte of the signature changed", header: header(body).replace(/.$/, (c) => (c === "0" ? "1" : "0")), body, failure: "mismatch" },
  { name: "a signature cut short", header: header(body).slice(0, -1), body, failure: "mismatch" },
  { name: "another timestamp than was signed", header: header(body).replace(`t=${at}`, `t=${at + 1}`), body, failure: "mismatch" },
  { name: "a trailing newline that was signed", header: header(body + "\n"), body: body + "\n" },
  { name: "a trailing newline that was not signed", header: header(body), body: body + "\n", failure: "mismatch" },
  { name: "CR LF line ends", header: header(body.replaceAll("\n", "\r\n")), body: body.replaceAll("\n", "\r\n") },
  { name: "CR LF made of LF on the way", header: header(body), body: body.replaceAll("\n", "\r\n"), failure: "mismatch" },
  { name: "the body minified on the way", header: header(body), body: JSON.stringify(JSON.parse(body)), failure: "mismatch" },
  { name: "text beyond ASCII", header: header(event({ note: "Grüße, 東京 🧾 \u2028" })), body: event({ note: "Grüße, 東京 🧾 \u2028" }) },
  { name: "an empty header", header: "", body, failure: "missing" },
  { name: "no timestamp", header: v1(body, secret), body, failure: "malformed" },
  { name: "a timestamp that is no number", header: header(body).replace(`t=${at}`, "t=yesterday"), body, failure: "malformed" },
  { name: "an empty timestamp", header: header(body).replace(`t=${at}`, "t="), body, failure: "malformed" },
  { name: "a header of another kind", header: "Bearer dbk_1", body, failure: "malformed" },
  { name: "stale and signed by a stranger", header: header(body, { secret: stranger }), body, now: at + 9999, failure: "mismatch" },
];

const complete = vectors.map((vector) => {
  const filled = { now: at + 5, secrets: [secret], failure: null, ...vector };
  return { ...filled, sdk_accepts: accepted(filled) };
});
console.log(JSON.stringify(complete, null, 1));
