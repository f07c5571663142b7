// What is known of Stripe's collections: how their objects and events are called.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::api {

struct Collection {
    std::string_view path;    ///< below /v1/
    std::string_view object;  ///< the name in an object's "object"
    std::string_view events;  ///< what the types of its events begin with
    bool searchable = false;  ///< it has /search, which knows metadata
};

/// A request's path taken apart: /v1/payment_intents/pi_1/confirm?expand[]=… is the collection
/// payment_intents, the id pi_1 and the verb confirm.
struct TargetPath {
    const Collection* collection = nullptr;  ///< null when it is not known
    std::string collection_path;             ///< /v1/payment_intents
    std::string id;                          ///< empty for the collection itself
    std::string verb;                        ///< what stands behind the id, or empty

    /// Whether a POST makes or changes the object of this collection itself, and not one that
    /// belongs to it, such as a transfer's reversal.
    [[nodiscard]] bool means_object() const;
};

TargetPath taken_apart(std::string_view path);

/// The objects that a call to Stripe may lock: that of its path, and customer, subscription,
/// payment intent or charge that its form names.
std::vector<std::string> objects_of(std::string_view path, std::string_view form);

}  // namespace daybook::api
