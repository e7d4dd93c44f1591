# Third-party libraries, all from Debian 12. pimjit_public_deps is what public headers need.

find_package(Threads REQUIRED)
find_package(tl-expected REQUIRED)
find_package(dlpack REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(SQLite3 REQUIRED)

set(pimjit_public_deps tl::expected dlpack::dlpack Threads::Threads)
