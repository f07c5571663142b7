// Turns: no more than so many at once, all in the end, and nobody waits for ever for one that
// hangs.
#include <projections/turns.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>
#include <vector>

using namespace daybook::projections;  // NOLINT(google-build-using-namespace)

TEST_CASE("of many threads no more have a turn at once than there are turns") {
    constexpr int at_once = 3;
    constexpr int rounds = 2'000;
    Turns turns(at_once);
    std::atomic<int> working = 0;
    std::atomic<int> most = 0;
    std::atomic<int> done = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            for (int round = 0; round < rounds; ++round) {
                const Turn turn(turns);
                const int now = ++working;
                for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
                }
                ++done;
                --working;
            }
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(done == 8 * rounds);
    CHECK(most <= at_once);
}

TEST_CASE("who is out of patience goes on without a turn, and leaves none behind") {
    Turns turns(1);
    {
        const Turn hangs(turns);
        const Turn goes_on(turns, std::chrono::milliseconds(1));
        const Turn too(turns, std::chrono::milliseconds(1));
    }
    const auto began = Turns::Clock::now();
    const Turn next(turns, std::chrono::minutes(1));
    CHECK(Turns::Clock::now() - began < std::chrono::seconds(30));
}
