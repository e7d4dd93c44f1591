#ifndef PIMJIT_SEARCH_MEASURE_LINE_SOCKET_H_
#define PIMJIT_SEARCH_MEASURE_LINE_SOCKET_H_

#include <functional>
#include <optional>
#include <string>

namespace pimjit {

// Lines over a connected stream socket, which it does not own. One thread at a time.
class LineSocket {
 public:
  explicit LineSocket(int socket) : socket_(socket) {}

  // False when the other side is gone. Raises no signal.
  bool send_line(const std::string& line);

  enum class Wait { line, closed, late, stopped };
  // The next line, without its end. Late after `seconds` (0: never), stopped when `stop`, asked
  // about 20 times a second, says so.
  Wait receive_line(double seconds, const std::function<bool()>& stop, std::string& line);

 private:
  int socket_;
  std::string received_;  // behind the last line
};

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_MEASURE_LINE_SOCKET_H_
