# Unit tests need no database; integration tests start a Postgres of their own.
include(Catch)

function(test_program name)
    add_executable(${name} ${ARGN})
    target_compile_options(${name} PRIVATE ${warnings})
    target_compile_definitions(${name} PRIVATE DAYBOOK_SOURCE="${CMAKE_SOURCE_DIR}")
    target_link_libraries(${name} PRIVATE tools Catch2::Catch2)
endfunction()

file(GLOB unit_tests CONFIGURE_DEPENDS test/unit/*.cpp)
test_program(unit_tests test/main.cpp test/day.cpp test/market.cpp test/sim.cpp ${unit_tests})
catch_discover_tests(unit_tests TEST_PREFIX "unit: " PROPERTIES TIMEOUT 300)

file(GLOB integration_tests CONFIGURE_DEPENDS test/integration/*.cpp)
test_program(integration_tests test/main.cpp test/day.cpp ${integration_tests})
# The service with named points at which it can be made to die; see api/actions/crash_point.hpp. Its
# own copies of the actions come before those of the library.
file(GLOB actions CONFIGURE_DEPENDS api/actions/*.cpp)
program(daybook_crashing tools tools/daybook/main.cpp ${actions})
target_compile_definitions(daybook_crashing PRIVATE DAYBOOK_CRASH_POINTS)
target_compile_definitions(integration_tests PRIVATE
                           DAYBOOK_BINARY="$<TARGET_FILE:daybook>"
                           DAYBOOK_CRASHING_BINARY="$<TARGET_FILE:daybook_crashing>")
add_dependencies(integration_tests daybook daybook_crashing)
catch_discover_tests(integration_tests TEST_PREFIX "integration: "
                     PROPERTIES TIMEOUT 600 RUN_SERIAL TRUE)

# Fuzz targets are built with libFuzzer by clang alone; `fuzz_<name>` runs for a short while as a test.
file(GLOB fuzzers CONFIGURE_DEPENDS tools/fuzz/*.cpp)
foreach(fuzzer ${fuzzers})
    get_filename_component(name ${fuzzer} NAME_WE)
    add_executable(fuzz_${name} ${fuzzer})
    target_compile_options(fuzz_${name} PRIVATE ${warnings} -fsanitize=fuzzer,address,undefined
                           -fno-sanitize=function -fno-sanitize-recover=all)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer,address,undefined -fno-sanitize=function)
    target_link_libraries(fuzz_${name} PRIVATE stripe_sim)
    add_test(NAME "fuzz: ${name}" COMMAND fuzz_${name} -max_total_time=10 -max_len=4096 -verbosity=0)
endforeach()

# Stripe's own clients judge the simulator; they need Node and what tools/setup installs from npm.
if(NOT DAYBOOK_SANITIZE)
    function(simulator_test name)
        add_test(NAME "simulator: ${name}" COMMAND ${CMAKE_SOURCE_DIR}/test/simulator/node ${ARGN})
        set_tests_properties("simulator: ${name}" PROPERTIES TIMEOUT 600
            ENVIRONMENT "DAYBOOK_BUILD=${CMAKE_BINARY_DIR}")
    endfunction()
    simulator_test("the CLI's triggers arrive" triggers.mjs)
    simulator_test("the SDK and its types" suite.mjs)
    simulator_test("the SDK through the gateway" suite.mjs --gateway)
    simulator_test("stripe listen forwards" listen.mjs)
    simulator_test("a marketplace arrives" market.mjs)
    simulator_test("malformed requests" malformed.mjs)
    simulator_test("no cent appears or vanishes" conservation.mjs)
    simulator_test("its routes and types are the SDK's" ../../tools/stripe_sim/spec/generate.mjs --check)

    # Daybook's own API against its description; these need test/api/package.json's packages.
    function(api_test name)
        add_test(NAME "api: ${name}" COMMAND ${CMAKE_SOURCE_DIR}/test/api/node ${ARGN})
        set_tests_properties("api: ${name}" PROPERTIES TIMEOUT 300
            ENVIRONMENT "DAYBOOK_BUILD=${CMAKE_BINARY_DIR}")
    endfunction()
    api_test("a marketplace's life, as described" marketplace.mjs)
    api_test("bad input" bad_input.mjs)
    api_test("fees on real sales" fees.mjs)
    api_test("keys that are kept to one seller" kept_keys.mjs)
    api_test("direct charges are settled on their account" direct.mjs)
    api_test("sales and what becomes of them" sales.mjs)
    api_test("the examples of the documentation" docs.mjs)

    # Skipped where there is no Chromium; tools/setup browser brings one.
    function(browser_test name)
        add_test(NAME "browser: ${name}" COMMAND ${CMAKE_SOURCE_DIR}/test/browser/run ${ARGN})
        set_tests_properties("browser: ${name}" PROPERTIES TIMEOUT 600 RUN_SERIAL TRUE
            SKIP_RETURN_CODE 77 ENVIRONMENT "DAYBOOK_BUILD=${CMAKE_BINARY_DIR}")
    endfunction()
    browser_test("the payment element" element.test.mjs)
    browser_test("the pages of Checkout" checkout.test.mjs)
    browser_test("onboarding" onboarding.test.mjs)
    browser_test("a buyer in the example shop" example.test.mjs)
endif()
