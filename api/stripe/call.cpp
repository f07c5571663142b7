// Names, and looking a header up.
#include <api/stripe/call.hpp>

#include <boost/beast/core/string.hpp>

namespace daybook::api::stripe {

std::string_view Answer::header(std::string_view name) const {
    for (const auto& [key, value] : headers)
        if (boost::beast::iequals(key, name)) return value;
    return {};
}

std::string_view name_of(Failure failure) {
    switch (failure) {
        case Failure::busy: return "busy";
        case Failure::unreachable: return "unreachable";
        case Failure::cut: return "cut";
        case Failure::timed_out: return "timed_out";
        case Failure::stopping: return "stopping";
    }
    return "unknown";
}

}  // namespace daybook::api::stripe
