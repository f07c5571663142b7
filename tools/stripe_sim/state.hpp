// A world in a file: everything that decides what happens next.
#pragma once

#include <filesystem>
#include <stdexcept>

namespace daybook::sim {

class World;

/// A state file that cannot be read or written. One line, naming it.
class BadState : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Writes all of it beside `file`, then takes its place: after a crash there is the old one or the
/// new one, whole.
void save_state(World& world, const std::filesystem::path& file);

/// Fills a world that nothing has happened in yet. It goes on exactly as the saved one would have,
/// from the same virtual time; a wall clock that has passed that is caught up with.
void load_state(World& world, const std::filesystem::path& file);

}  // namespace daybook::sim
