#include "pimjit/core/target/toml_scan.h"

#include <string_view>

#include "pimjit/core/support/text.h"
#include "pimjit/core/target/toml_value.h"

namespace pimjit {
namespace {

constexpr size_t kMaxBytes = 256 * 1024;
constexpr int kMaxDotsPerLine = 200;

// Where a character stands.
enum class Place : uint8_t { plain, comment, basic, literal, basic_lines, literal_lines };

class Scanner {
 public:
  Scanner(const std::string& text, const std::string& file, Origin origin)
      : text_(text), file_(file), origin_(origin) {}

  Status scan() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = line_begin_ = 3;  // a byte order mark
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '.' && ++dots_ > kMaxDotsPerLine) {
        return refuse("toml_too_large", cat("more than ", kMaxDotsPerLine, " dots in one line"),
                      "break the line, or the nested key");
      }
      if ((c & 0x80) != 0 && !takes_any_character()) {
        return refuse("toml_not_ascii", "a character beyond ASCII stands outside of texts",
                      "put it into a text in quotes, or write it as \\u and four digits");
      }
      if (c == '\n') {
        end_line();
      } else {
        step(c);
      }
    }
    return {};
  }

 private:
  bool follows(const char* word) const { return text_.compare(at_, 3, word) == 0; }

  bool takes_any_character() const {
    if (place_ == Place::comment) return true;
    return place_ != Place::plain && place_ != Place::basic_lines && trusted_;
  }

  void end_line() {
    ++line_;
    ++at_;
    line_begin_ = at_;
    dots_ = 0;
    const bool lines = place_ == Place::basic_lines || place_ == Place::literal_lines;
    if (!lines) place_ = Place::plain;
  }

  // Passes the character `c`, which may open or close a text.
  void step(char c) {
    size_t length = 1;
    switch (place_) {
      case Place::plain:
        length = open(c);
        break;
      case Place::comment:
        break;
      case Place::basic:
        if (c == '"') place_ = Place::plain;
        length = escape_length(c);
        break;
      case Place::literal:
        if (c == '\'') place_ = Place::plain;
        break;
      case Place::basic_lines:
        length = follows("\"\"\"") ? close_lines(c) : escape_length(c);
        break;
      case Place::literal_lines:
        length = follows("'''") ? close_lines(c) : 1;
        break;
    }
    at_ += length;
  }

  size_t open(char c) {
    if (c == '#') place_ = Place::comment;
    if (c != '"' && c != '\'') return 1;
    trusted_ = begins_a_value();
    const bool lines = follows(c == '"' ? "\"\"\"" : "'''");
    place_ = c == '"' ? (lines ? Place::basic_lines : Place::basic)
                      : (lines ? Place::literal_lines : Place::literal);
    return lines ? 3 : 1;
  }

  // Whether a quote here begins a key or a value. Elsewhere (5"x") the library reads on as if there
  // were none.
  bool begins_a_value() const {
    size_t before = at_;
    while (before > 0 && (text_[before - 1] == ' ' || text_[before - 1] == '\t')) --before;
    return before == 0 ||
           std::string_view("\n=,[{").find(text_[before - 1]) != std::string_view::npos;
  }

  // Up to two quotes may stand before the three that close.
  size_t close_lines(char quote) {
    place_ = Place::plain;
    size_t length = 3;
    while (length < 5 && at_ + length < text_.size() && text_[at_ + length] == quote) ++length;
    return length;
  }

  // A backslash hides what follows, except the end of the line.
  size_t escape_length(char c) const {
    const bool hides =
        c == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\');
    return hides ? 2 : 1;
  }

  Status refuse(const char* code, std::string what, std::string hint) const {
    const auto column = static_cast<uint32_t>(at_ - line_begin_ + 1);
    return fail(Error{origin_, code, std::move(what), place_text(file_, {line_, column}),
                      std::move(hint), nullptr});
  }

  const std::string& text_;
  const std::string& file_;
  Origin origin_;
  Place place_ = Place::plain;
  size_t at_ = 0, line_begin_ = 0;
  uint32_t line_ = 1;
  int dots_ = 0;
  bool trusted_ = false;  // the text we are in is one for the library too
};

}  // namespace

Status scan_toml(const std::string& text, const std::string& file, Origin origin) {
  if (text.size() > kMaxBytes) {
    return fail(Error{origin, "toml_too_large",
                      cat("the file has ", text.size(), " bytes; at most ", kMaxBytes, " are read"),
                      file, "a description is a few KiB; is this the right file?", nullptr});
  }
  return Scanner(text, file, origin).scan();
}

}  // namespace pimjit
