#ifndef PIMJIT_SEARCH_MEASURE_WORKER_H_
#define PIMJIT_SEARCH_MEASURE_WORKER_H_

#include <functional>

#include "pimjit/core/support/error.h"

namespace pimjit {

// What a worker process does: takes a task from the socket, limits its own memory, opens the
// target, and measures one schedule after the other until the socket is closed. `deserted` is
// called from another thread as soon as it is, whatever is being measured, and is to end the
// process. For the main function of pimjit-worker only: it changes limits of the process. Errors:
// of the task; "lost_socket" (internal).
Status serve_trials(int socket, const std::function<void()>& deserted);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_MEASURE_WORKER_H_
