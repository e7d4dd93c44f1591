#include "pimjit/core/plugin/target_string.h"

#include <gtest/gtest.h>

namespace pimjit {
namespace {

std::string message(const std::string& text) {
  const Result<TargetString> target = parse_target_string(text);
  if (target) return "no error";
  EXPECT_EQ(target.error().origin, Origin::user);
  EXPECT_EQ(target.error().code, "bad_target_string");
  return target.error().what + "\n" + target.error().where;
}

TEST(TargetStringTest, Forms) {
  EXPECT_EQ(parse_target_string("toy")->name, "toy");
  EXPECT_TRUE(parse_target_string("toy")->options.empty());
  EXPECT_TRUE(parse_target_string("auto")->automatic);
  const Result<TargetString> target = parse_target_string("toy:threads=2,link.load.cost=,a=b=c");
  ASSERT_TRUE(target.has_value());
  const std::map<std::string, std::string> expected = {
      {"threads", "2"}, {"link.load.cost", ""}, {"a", "b=c"}};
  EXPECT_EQ(target->options, expected);
  EXPECT_FALSE(target->automatic);
}

TEST(TargetStringTest, CanonicalTextReadsBack) {
  for (const char* text : {"toy", "auto", "toy:a=1,b=2", "toy:a.b="}) {
    EXPECT_EQ(to_string(*parse_target_string(text)), text);
  }
  EXPECT_EQ(to_string(*parse_target_string("toy:b=2,a=1")), "toy:a=1,b=2");
}

TEST(TargetStringTest, ErrorsPointAtTheCharacter) {
  EXPECT_EQ(message(""), "the target has no name\n\n  ^");
  EXPECT_EQ(message(":a=1"), "the target has no name\n:a=1\n  ^");
  EXPECT_EQ(message("To y"), "\"To y\" is not the name of a target\nTo y\n  ^");
  EXPECT_EQ(message("toy:"), "an option is empty\ntoy:\n      ^");
  EXPECT_EQ(message("toy:a=1,,b=2"), "an option is empty\ntoy:a=1,,b=2\n          ^");
  EXPECT_EQ(message("toy:a"), "option a has no value\ntoy:a\n       ^");
  EXPECT_EQ(message("toy:=1"), "\"\" is not the key of an option\ntoy:=1\n      ^");
  EXPECT_EQ(message("toy:a..b=1"), "\"a..b\" is not the key of an option\ntoy:a..b=1\n      ^");
  EXPECT_EQ(message("toy:a=1,a=2"), "option a is given twice\ntoy:a=1,a=2\n          ^");
  EXPECT_EQ(message("auto:a=1"), "`auto` takes no options\nauto:a=1\n      ^");
}

}  // namespace
}  // namespace pimjit
