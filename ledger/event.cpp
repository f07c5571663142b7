#include <ledger/event.hpp>

namespace daybook {

std::string_view name(Source source) {
    switch (source) {
        case Source::webhook: return "webhook";
        case Source::action: return "action";
        case Source::fetch: return "fetch";
        case Source::backfill: return "backfill";
        case Source::staff: return "staff";
    }
    return "webhook";
}

}  // namespace daybook
