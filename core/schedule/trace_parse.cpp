#include <algorithm>
#include <optional>

#include "pimjit/core/schedule/instructions.h"
#include "pimjit/core/schedule/trace_names.h"
#include "pimjit/core/schedule/trace_scanner.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

constexpr int kPrimitives = static_cast<int>(PrimitiveKind::annotate) + 1;

template <typename Things>
std::vector<std::string> names_of(const Things& things) {
  std::vector<std::string> names;
  for (const auto& thing : things) names.push_back(thing.name);
  return names;
}

class Parser {
 public:
  Parser(std::vector<Token> tokens, const Workload& workload, const TargetDesc& target)
      : tokens_(std::move(tokens)),
        workload_(workload),

        canonical_(workload),
        levels_(names_of(target.levels)),
        scopes_(names_of(target.scopes)),
        tensors_(names_of(workload.tensors)) {
    for (int s = 0; s < canonical_.stages(); ++s) loops_.push_back(canonical_.stage(s));
  }

  Result<Trace> run() {
    while (peek().kind != TokenKind::end) {
      if (peek().kind == TokenKind::end_of_statement) {
        ++next_;
        continue;
      }
      statement();
      if (error_) return fail(*error_);
    }
    return std::move(trace_);
  }

 private:
  const Token& peek() const { return tokens_[next_]; }
  Token take() {
    const Token token = tokens_[next_];
    if (token.kind != TokenKind::end) ++next_;
    return token;
  }
  bool at_sign(const char* sign) const {
    return peek().kind == TokenKind::sign && peek().text == sign;
  }
  // The first error stays; parsing goes on to the end of the statement without effect.
  void complain(const Token& at, std::string what, std::string hint = {}) {
    if (!error_) error_ = trace_error(at, std::move(what), std::move(hint));
  }
  void expect(const char* sign) {
    if (error_) return;
    if (at_sign(sign)) {
      ++next_;
    } else {
      complain(peek(), cat("expected '", sign, "', found ", describe(peek())));
    }
  }

  void statement() {
    int stage = 0;
    if (peek().kind == TokenKind::name && peek().text == "stage" &&
        tokens_[next_ + 1].kind == TokenKind::number) {
      ++next_;
      const Token number = take();
      if (number.number < 0 || number.number >= canonical_.stages())
        complain(number, cat("there is no stage ", number.number, ", the computation has ",
                             canonical_.stages()));
      else
        stage = static_cast<int>(number.number);
      expect(":");
    }
    const std::vector<Token> results = left_side();
    const Token primitive = take();
    const std::optional<PrimitiveKind> kind = primitive_of(primitive);
    expect("(");
    if (error_) return;
    Instruction in{};
    in.kind = *kind;
    in.stage = static_cast<int8_t>(stage);
    arguments(in);
    expect(")");
    if (!error_ && peek().kind != TokenKind::end_of_statement)
      complain(peek(), cat("expected the end of the instruction, found ", describe(peek())),
               "instructions are separated by line ends or ';'");
    if (!error_) name_results(in, results, primitive);
    if (!error_) trace_.instructions.push_back(in);
  }

  // The names before '=', if the statement has a left side.
  std::vector<Token> left_side() {
    std::vector<Token> names;
    size_t end = next_;
    while (tokens_[end].kind != TokenKind::end_of_statement && tokens_[end].text != "=" &&
           tokens_[end].text != "(")
      ++end;
    if (tokens_[end].text != "=" || tokens_[end].kind != TokenKind::sign) return names;
    while (!error_) {
      const Token name = take();
      if (name.kind != TokenKind::name)
        complain(name, cat("expected the name of a loop, found ", describe(name)));
      names.push_back(name);
      if (at_sign("=")) break;
      expect(",");
    }
    expect("=");
    return names;
  }

  std::optional<PrimitiveKind> primitive_of(const Token& token) {
    std::vector<std::string> known;
    for (int k = 0; k < kPrimitives; ++k) {
      known.push_back(to_string(static_cast<PrimitiveKind>(k)));
      if (token.kind == TokenKind::name && token.text == known.back())
        return static_cast<PrimitiveKind>(k);
    }
    complain(token, cat("expected a primitive, found ", describe(token)), guess(token, known));
    return std::nullopt;
  }

  static std::string guess(const Token& token, const std::vector<std::string>& known) {
    const std::string nearest = nearest_name(token.text, known);
    return nearest.empty() ? cat("known are ", join(known, ", "))
                           : cat("did you mean '", nearest, "'?");
  }

  void arguments(Instruction& in) {
    switch (in.kind) {
      case PrimitiveKind::split:
        return split_arguments(in);
      case PrimitiveKind::fuse:
      case PrimitiveKind::reorder:
        return loop_list(in);
      case PrimitiveKind::bind:
        loop(in);
        expect(",");
        in.level = reference(levels_, "level");
        return;
      case PrimitiveKind::cache_read:
        in.access = access(in.stage);
        expect(",");
        [[fallthrough]];
      case PrimitiveKind::cache_write:
        in.scope = reference(scopes_, "scope");
        position(in, true);
        return;
      case PrimitiveKind::decompose_reduction:
        return position(in, false);
      case PrimitiveKind::unroll:
        loop(in);
        if (!at_sign(",")) return;
        ++next_;
        in.decisions[0] = decision();
        in.decision_count = 1;
        return;
      case PrimitiveKind::rfactor:
      case PrimitiveKind::vectorize:
      case PrimitiveKind::parallel:
        return loop(in);
      case PrimitiveKind::place:
        return place_arguments(in);
      case PrimitiveKind::annotate:
        return annotate_arguments(in);
    }
  }

  void split_arguments(Instruction& in) {
    loop(in);
    while (!error_ && at_sign(",")) {
      ++next_;
      if (peek().text == "edge" && peek().kind == TokenKind::name) {
        in.edge = option("edge", {"guard", "pad"}) == 1 ? Edge::pad : Edge::guard;
        return;
      }
      if (in.decision_count == static_cast<int>(in.decisions.size()))
        return complain(peek(), cat("a split has at most ", in.decisions.size(), " factors"));
      in.decisions[static_cast<size_t>(in.decision_count++)] = decision();
    }
    if (in.decision_count == 0) complain(peek(), "a split needs a factor", "split(i, 64)");
  }

  void place_arguments(Instruction& in) {
    in.access = reference(tensors_, "tensor");
    expect(",");
    in.scope = reference(scopes_, "scope");
    expect(",");
    if (error_) return;
    in.residency =
        choice({"streamed", "resident"}) == 1 ? Residency::resident : Residency::streamed;
    if (error_ || !at_sign(",")) return;
    ++next_;
    choice({"narrow"});
    in.narrow = true;
  }

  void annotate_arguments(Instruction& in) {
    const Token key = take();
    if (key.kind != TokenKind::name && key.kind != TokenKind::text)
      return complain(key, cat("expected a key, found ", describe(key)));
    const auto known = std::find(trace_.names.begin(), trace_.names.end(), key.text);
    in.name = static_cast<int16_t>(known - trace_.names.begin());
    if (known == trace_.names.end()) trace_.names.push_back(key.text);
    expect(",");
    in.decisions[0] = absolute(number());
    in.decision_count = 1;
  }

  // name=choice; returns the position of the choice.
  int option(const char* name, const std::vector<std::string>& choices) {
    const Token token = take();
    if (token.kind != TokenKind::name || token.text != name) {
      complain(token, cat("expected '", name, "=', found ", describe(token)));
      return 0;
    }
    expect("=");
    return choice(choices);
  }
  int choice(const std::vector<std::string>& choices) {
    if (error_) return 0;
    const Token token = take();
    const auto found = std::find(choices.begin(), choices.end(), token.text);
    if (token.kind != TokenKind::name || found == choices.end())
      complain(token, cat("expected ", join(choices, " or "), ", found ", describe(token)));
    return static_cast<int>(found - choices.begin());
  }

  int64_t number() {
    if (error_) return 0;
    const Token token = take();
    if (token.kind != TokenKind::number)
      complain(token, cat("expected a number, found ", describe(token)));
    return token.number;
  }
  int64_t positive() {
    const Token at = peek();
    const int64_t n = number();
    if (!error_ && n < 1) complain(at, cat("expected a number of at least 1, found ", n));
    return n;
  }

  Decision decision() {
    if (error_) return {};
    const Token token = peek();
    if (token.kind == TokenKind::number) return absolute(take().number);
    ++next_;
    if (token.kind == TokenKind::name && token.text == "all") return all();
    if (token.kind == TokenKind::name && token.text == "ratio") {
      const int64_t n = positive();
      expect("/");
      return ratio(n, positive());
    }
    if (token.kind == TokenKind::name && token.text == "fills") {
      const int scope = reference(scopes_, "scope");
      if (!at_sign("/")) return fills(scope, 1);
      ++next_;
      return fills(scope, positive());
    }
    complain(token, cat("expected a number, 'ratio', 'fills' or 'all', found ", describe(token)));
    return {};
  }

  // "#12" -> 12
  int16_t plain_number() {
    ++next_;
    const Token at = peek();
    const int64_t n = number();
    if (!error_ && (n < INT16_MIN || n > INT16_MAX)) complain(at, "the number is too large");
    return static_cast<int16_t>(n);
  }

  int16_t reference(const std::vector<std::string>& known, const char* what) {
    if (error_) return -1;
    if (at_sign("#")) return plain_number();
    const Token token = take();
    if (token.kind != TokenKind::name) {
      complain(token, cat("expected a ", what, ", found ", describe(token)));
      return -1;
    }
    const auto found = std::find(known.begin(), known.end(), token.text);
    if (found == known.end())
      complain(token, cat("there is no ", what, " '", token.text, "'"), guess(token, known));
    return static_cast<int16_t>(found - known.begin());
  }

  void loop(Instruction& in) {
    const Token at = peek();
    const int16_t id = reference(loops_[static_cast<size_t>(in.stage)], "loop");
    if (in.loop_count == static_cast<int>(in.loops.size()))
      return complain(at, cat("at most ", in.loops.size(), " loops are possible"));
    in.loops[static_cast<size_t>(in.loop_count++)] = id;
  }
  void loop_list(Instruction& in) {
    loop(in);
    while (!error_ && at_sign(",")) {
      ++next_;
      loop(in);
    }
  }

  void position(Instruction& in, bool after_others) {
    if (error_ || at_sign(")")) return;
    if (after_others) expect(",");
    const Token token = take();
    if (token.kind != TokenKind::name || token.text != "at")
      return complain(token, cat("expected 'at=', found ", describe(token)));
    expect("=");
    loop(in);
  }

  int16_t access(int stage) {
    if (error_) return -1;
    if (at_sign("#")) return plain_number();
    const Token token = peek();
    const int16_t tensor = reference(tensors_, "tensor");
    if (error_) return -1;
    const std::vector<Access>& accesses = workload_.stages[static_cast<size_t>(stage)].accesses;
    std::vector<int16_t> reading;
    for (size_t a = 0; a < accesses.size(); ++a) {
      if (accesses[a].tensor == tensor) reading.push_back(static_cast<int16_t>(a));
    }
    int64_t chosen = 0;
    if (reading.empty()) {
      complain(token, cat("the stage does not read '", token.text, "'"));
    } else if (at_sign("#")) {
      chosen = plain_number();
    } else if (reading.size() > 1) {
      complain(token, cat("the stage reads '", token.text, "' ", reading.size(), " times"),
               cat("write ", token.text, "#0 .. ", token.text, '#', reading.size() - 1));
    }
    if (!error_ && (chosen < 0 || chosen >= static_cast<int64_t>(reading.size())))
      complain(token, cat("the stage reads '", token.text, "' ", reading.size(),
                          " times, there is no ", token.text, '#', chosen));
    return error_ ? int16_t{-1} : reading[static_cast<size_t>(chosen)];
  }

  void name_results(const Instruction& in, const std::vector<Token>& given,
                    const Token& primitive) {
    const std::vector<LoopId> made = canonical_.add(in);
    if (!given.empty() && given.size() != made.size())
      return complain(given[0], cat(primitive.text, " makes ", made.size(), " loops, ",
                                    given.size(), " are named"));
    std::vector<std::string>& names = loops_[static_cast<size_t>(in.stage)];
    for (size_t m = 0; m < made.size(); ++m) {
      if (given.empty()) {
        names.push_back(canonical_.name(in.stage, made[m]));
        continue;
      }
      if (std::find(names.begin(), names.end(), given[m].text) != names.end())
        return complain(given[m], cat("there is a loop '", given[m].text, "' already"));
      names.push_back(given[m].text);
    }
  }

  std::vector<Token> tokens_;
  const Workload& workload_;
  TraceNames canonical_;
  std::vector<std::string> levels_, scopes_, tensors_;
  std::vector<std::vector<std::string>> loops_;  // per stage, by number
  size_t next_ = 0;
  std::optional<Error> error_;
  Trace trace_;
};

}  // namespace

Result<Trace> parse_trace(const std::string& text, const Workload& workload,
                          const TargetDesc& target) {
  auto tokens = scan_trace(text);
  if (!tokens) return fail(tokens.error());
  return Parser(std::move(*tokens), workload, target).run();
}

}  // namespace pimjit
