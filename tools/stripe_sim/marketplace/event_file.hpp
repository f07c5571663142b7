// Events as JSON lines, for replay: {"connect":false,"event":{...}}, in the order of emission.
#pragma once

#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::sim {

class World;

class EventFile {
public:
    /// Replaces what is there. Throws std::runtime_error when it cannot.
    explicit EventFile(const std::string& path);

    /// `connect` tells that the event goes to the endpoint for connected accounts.
    void write(bool connect, std::string_view event);

    /// Throws std::runtime_error unless everything is written.
    void finish();

private:
    std::string path_;
    std::vector<char> buffer_;
    std::ofstream file_;
};

/// Every event of the world from now on, in a new file.
std::shared_ptr<EventFile> write_events(World& world, const std::string& path);

}  // namespace daybook::sim
