// libpimjit is assembled from the folders' static libraries; a shared library needs one source file
// of its own.
