// Two buffers: one is filled while the other is written.
#include <tools/stripe_sim/marketplace/event_file.hpp>

#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

namespace daybook::sim {
namespace {

constexpr std::size_t buffer_bytes = 1 << 20;

}  // namespace

EventFile::EventFile(const std::string& path)
    : path_(path),
      descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0) throw std::runtime_error(fmt::format("cannot write {}", path));
    thread_ = std::thread([this] { work(); });
}

EventFile::~EventFile() {
    {
        const std::scoped_lock lock(mutex_);
        over_ = true;
    }
    changed_.notify_all();
    thread_.join();
    ::close(descriptor_);
}

void EventFile::write(bool connect, std::string_view event) {
    gathered_ += connect ? R"({"connect":true,"event":)" : R"({"connect":false,"event":)";
    gathered_ += event;
    gathered_ += "}\n";
    if (gathered_.size() >= buffer_bytes) hand_over();
}

void EventFile::finish() {
    if (!gathered_.empty()) hand_over();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return leaving_.empty(); });
    if (failed_) throw std::runtime_error(fmt::format("cannot write {}", path_));
}

void EventFile::hand_over() {
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return leaving_.empty(); });
        std::swap(leaving_, gathered_);
    }
    changed_.notify_all();
}

void EventFile::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return over_ || !leaving_.empty(); });
        if (leaving_.empty()) return;
        lock.unlock();
        const bool stored = store(leaving_);
        lock.lock();
        if (!stored) failed_ = true;
        leaving_.clear();
        changed_.notify_all();
    }
}

bool EventFile::store(std::string_view bytes) const {
    while (!bytes.empty()) {
        const auto written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) return false;
        if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

std::shared_ptr<EventFile> write_events(World& world, const std::string& path) {
    auto file = std::make_shared<EventFile>(path);
    world.events.listen([file, &events = world.events](std::size_t number) {
        file->write(!events.head(number).account.empty(), events.text(number));
    });
    return file;
}

}  // namespace daybook::sim
