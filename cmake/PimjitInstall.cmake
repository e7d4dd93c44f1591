message(STATUS "pimjit: install rules pending")
