// What a refused request had begun is taken back: documents, tasks, and events not yet told.
#pragma once

#include <tools/stripe_sim/world.hpp>

#include <cstdint>

namespace daybook::sim {

/// From its making until its end every change can be taken back, and is unless keep() is called or
/// money has moved: checks come before that, so who is refused then was meant to be.
class Undo {
public:
    explicit Undo(World& world)
        : world_(world), last_task_(world.tasks.last()), moves_(world.balances.moves()) {
        world_.store.watch();
        world_.events.hold();
    }
    ~Undo() {
        if (kept_ || world_.balances.moves() != moves_) {
            world_.store.keep();
            world_.events.release();
            return;
        }
        world_.store.undo();
        world_.events.drop_held();
        world_.tasks.drop_after(last_task_);
    }
    Undo(const Undo&) = delete;
    Undo& operator=(const Undo&) = delete;

    void keep() { kept_ = true; }

private:
    World& world_;
    std::uint64_t last_task_;
    std::uint64_t moves_;
    bool kept_ = false;
};

}  // namespace daybook::sim
