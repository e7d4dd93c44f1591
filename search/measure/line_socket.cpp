#include "pimjit/search/measure/line_socket.h"

#include <cerrno>

#include <poll.h>
#include <sys/socket.h>

#include "pimjit/search/measure/clock.h"

namespace pimjit {

bool LineSocket::send_line(const std::string& line) {
  const std::string text = line + "\n";
  size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t n = ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    sent += static_cast<size_t>(n);
  }
  return true;
}

LineSocket::Wait LineSocket::receive_line(double seconds, const std::function<bool()>& stop,
                                          std::string& line) {
  constexpr int kAskEvery = 50;  // ms
  const Clock::time_point begin = Clock::now();
  for (;;) {
    if (const size_t end = received_.find('\n'); end != std::string::npos) {
      line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return Wait::line;
    }
    if (stop && stop()) return Wait::stopped;
    if (seconds > 0 && seconds_since(begin) > seconds) return Wait::late;
    pollfd wanted{socket_, POLLIN, 0};
    const int ready = ::poll(&wanted, 1, kAskEvery);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    char bytes[4096];
    const ssize_t n = ready < 0 ? -1 : ::recv(socket_, bytes, sizeof bytes, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Wait::closed;
    received_.append(bytes, static_cast<size_t>(n));
  }
}

}  // namespace pimjit
