// Reads the envelope of an action, whichever of its events it stands in.
#include <projections/stripe/readers.hpp>

namespace daybook::projections::stripe {

namespace {

void read_requester(Json json, Action& out, Fields& fields) {
    each_field(json, [&](std::uint64_t name, Json value) {
        switch (name) {
            case key("key_id"): out.key_id = fields.text(value); break;
            case key("remote"): out.remote = fields.text(value); break;
            case key("user_agent"): out.user_agent = fields.text(value); break;
            case key("request_id"): out.request_id = fields.text(value); break;
            default: break;
        }
    });
}

}  // namespace

Action read_action(Json root, Fields fields) {
    Action out;
    const auto action = member(root, "action");
    require(action.has_value(), "action");
    each_field(*action, [&](std::uint64_t name, Json value) {
        switch (name) {
            case key("id"): out.id = fields.text(value); break;
            case key("kind"): out.kind = fields.text(value); break;
            case key("method"): out.method = fields.text(value); break;
            case key("path"): out.path = fields.text(value); break;
            case key("account"): out.account = fields.text(value); break;
            case key("idempotency_key"): out.idempotency_key = fields.text(value); break;
            case key("requester"): read_requester(value, out, fields); break;
            case key("settled_by"): out.settled_by = fields.text(value); break;
            case key("stripe_request_id"): out.stripe_request_id = fields.text(value); break;
            case key("object_type"): out.object_type = fields.text(value); break;
            case key("object_id"): out.object_id = fields.text(value); break;
            case key("error"):
                if (!value.is_null()) out.error = fields.keep(std::string(simdjson::minify(value)));
                break;
            case key("status"): out.status = Fields::integer(value, "action.status"); break;
            case key("attempts"): out.attempts = Fields::integer(value, "action.attempts"); break;
            case key("requested_at"):
                out.requested_at = Fields::integer(value, "action.requested_at");
                break;
            case key("answered_at"):
                out.answered_at = Fields::integer(value, "action.answered_at");
                break;
            case key("answered_at_us"):
                out.answered_at_us = Fields::integer(value, "action.answered_at_us");
                break;
            case key("snapshot_until"):
                out.snapshot_until = Fields::integer(value, "action.snapshot_until");
                break;
            default: break;
        }
    });
    require(!out.id.empty(), "action.id");
    return out;
}

}  // namespace daybook::projections::stripe
