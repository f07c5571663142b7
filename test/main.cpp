// The one translation unit that carries Catch2, and the main that every test program has.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include <spdlog/spdlog.h>

int main(int argc, char** argv) {
    // Here and not in the first thread that logs: the thread sanitizer does not see the lock under
    // which the library, which it did not build, makes its registry.
    spdlog::set_level(spdlog::level::err);
    return Catch::Session().run(argc, argv);
}
