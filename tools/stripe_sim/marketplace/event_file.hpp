// Events as JSON lines, for replay: {"connect":false,"event":{...}}, in the order of emission.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace daybook::sim {

class World;

/// Used by one thread; another one writes what it has gathered.
class EventFile {
public:
    /// Replaces what is there. Throws std::runtime_error when it cannot.
    explicit EventFile(const std::string& path);
    ~EventFile();
    EventFile(const EventFile&) = delete;
    EventFile& operator=(const EventFile&) = delete;

    /// `connect` tells that the event goes to the endpoint for connected accounts.
    void write(bool connect, std::string_view event);

    /// Throws std::runtime_error unless everything is written.
    void finish();

private:
    void hand_over();
    void work();
    [[nodiscard]] bool store(std::string_view bytes) const;

    std::string path_;
    int descriptor_;
    std::string gathered_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::string leaving_;  ///< of the writing thread while it is not empty
    bool failed_ = false;
    bool over_ = false;
    std::thread thread_;
};

/// Every event of the world from now on, in a new file.
std::shared_ptr<EventFile> write_events(World& world, const std::string& path);

}  // namespace daybook::sim
