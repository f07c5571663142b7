// A world in a file, so that what was begun today can go on tomorrow.
#pragma once

#include <string>

namespace daybook::sim {

class World;

/// Writes all state to `path`, replacing it as a whole: JSON lines, compressed by zstd. Throws
/// std::runtime_error when it cannot.
void save_state(World& world, const std::string& path);

/// Reads what save_state() wrote into a fresh world. Time goes on where it stood, or with the wall
/// clock where that is later. Throws std::runtime_error when there is none or it is damaged.
void load_state(World& world, const std::string& path);

}  // namespace daybook::sim
