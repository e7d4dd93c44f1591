#include "pimjit/core/verify/npy_header.h"

#include <charconv>

#include "pimjit/core/support/text.h"

namespace pimjit::verify {
namespace {

constexpr size_t kMaxDimensions = 32;

class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text) {}

  tl::expected<NpyHeader, std::string> run() {
    if (!parse_dictionary()) return tl::unexpected(error_);
    skip_blanks();
    if (at_ != text_.size())
      return tl::unexpected(std::string("the header goes on after its dictionary"));
    if (!seen_descr_ || !seen_order_ || !seen_shape_) {
      return tl::unexpected(std::string("the header lacks one of descr, fortran_order, shape"));
    }
    return header_;
  }

 private:
  bool error(std::string what) {
    error_ = std::move(what);
    return false;
  }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t'))
      ++at_;
  }
  bool accept(char c) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool expect(char c) {
    return accept(c) || error(cat("expected '", c, "' at byte ", at_, " of the header"));
  }

  bool parse_dictionary() {
    if (!expect('{')) return false;
    while (!accept('}')) {
      std::string key;
      if (!parse_string(&key) || !expect(':') || !parse_entry(key)) return false;
      if (accept(',')) continue;
      return expect('}');
    }
    return true;
  }

  bool parse_entry(const std::string& key) {
    bool* seen = key == "descr"           ? &seen_descr_
                 : key == "fortran_order" ? &seen_order_
                 : key == "shape"         ? &seen_shape_
                                          : nullptr;
    if (seen == nullptr || *seen) return error("the header has an unknown or repeated entry");
    *seen = true;
    if (seen == &seen_descr_) {
      skip_blanks();
      if (at_ < text_.size() && text_[at_] == '[') return error("structured types are not read");
      return parse_string(&header_.descr);
    }
    return seen == &seen_order_ ? parse_bool() : parse_shape();
  }

  bool parse_string(std::string* value) {
    skip_blanks();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"')
      return error(cat("expected a string at byte ", at_, " of the header"));
    const size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) return error("a string of the header does not end");
    *value = std::string(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return true;
  }

  bool parse_bool() {
    skip_blanks();
    header_.fortran_order = text_.substr(at_, 4) == "True";
    if (!header_.fortran_order && text_.substr(at_, 5) != "False")
      return error("fortran_order is neither True nor False");
    at_ += header_.fortran_order ? 4 : 5;
    return true;
  }

  bool parse_shape() {
    if (!expect('(')) return false;
    while (!accept(')')) {
      skip_blanks();
      int64_t extent = 0;
      const char* begin = text_.data() + at_;
      const auto [end, status] = std::from_chars(begin, text_.data() + text_.size(), extent);
      if (status != std::errc() || extent < 0)
        return error("the shape holds something that is no extent");
      if (header_.shape.size() == kMaxDimensions)
        return error(cat("the shape has more than ", kMaxDimensions, " dimensions"));
      header_.shape.push_back(extent);
      at_ += static_cast<size_t>(end - begin);
      if (accept(',')) continue;
      return expect(')');
    }
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  NpyHeader header_;
  bool seen_descr_ = false;
  bool seen_order_ = false;
  bool seen_shape_ = false;
  std::string error_;
};

}  // namespace

tl::expected<NpyHeader, std::string> parse_npy_header(std::string_view text) {
  return HeaderParser(text).run();
}

}  // namespace pimjit::verify
