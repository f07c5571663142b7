// Written as they are emitted: nothing is kept.
#include <tools/stripe_sim/marketplace/event_file.hpp>

#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <stdexcept>

namespace daybook::sim {
namespace {

constexpr std::size_t buffer_bytes = 1 << 20;

}  // namespace

EventFile::EventFile(const std::string& path) : path_(path), buffer_(buffer_bytes) {
    file_.rdbuf()->pubsetbuf(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    file_.open(path, std::ios::binary | std::ios::trunc);
    if (!file_) throw std::runtime_error(fmt::format("cannot write {}", path));
}

void EventFile::write(bool connect, std::string_view event) {
    file_ << (connect ? R"({"connect":true,"event":)" : R"({"connect":false,"event":)") << event
          << "}\n";
}

void EventFile::finish() {
    file_.flush();
    if (!file_) throw std::runtime_error(fmt::format("cannot write {}", path_));
}

std::shared_ptr<EventFile> write_events(World& world, const std::string& path) {
    auto file = std::make_shared<EventFile>(path);
    world.events.listen([file, &events = world.events](std::size_t number) {
        file->write(!events.head(number).account.empty(), events.text(number));
    });
    return file;
}

}  // namespace daybook::sim
