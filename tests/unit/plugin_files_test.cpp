// What a plugin's worker may read of its folder: the plugin, and the libraries that it is linked with.
#include "judge/plugin_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace aisp::judge {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class PluginFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/aisp-files-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
    std::filesystem::create_directories(folder_ / "plugin" / "lib");
    std::ofstream(folder_ / "x.c") << "int x(void) { return 1; }\n";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string build(const std::string& name, const std::string& flags = "") const {
    const auto file = (folder_ / name).string();
    const auto command =
        "cc -shared -fPIC -o '" + file + "' '" + (folder_ / "x.c").string() + "' -Wl,--no-as-needed " + flags;
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    return file;
  }
  std::string in(const std::string& name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_;
};

TEST_F(PluginFiles, APluginThatNeedsNothingIsAlone) {
  const auto plugin = build("plugin/p.so");
  build("plugin/other.so");
  EXPECT_THAT(plugin_files(plugin), ElementsAre(plugin));
  EXPECT_THAT(plugin_files(in("plugin/absent.so")), ElementsAre(in("plugin/absent.so")));
}

TEST_F(PluginFiles, LibrariesByOriginAreFollowed) {
  const auto inner = build("plugin/lib/libinner.so");
  const auto helper = build("plugin/libhelper.so", "-Wl,-rpath,'$ORIGIN/lib' '" + inner + "' -Wl,-soname,libhelper.so");
  const auto plugin = build("plugin/p.so", "-L'" + in("plugin") + "' -l:libhelper.so -Wl,-rpath,'${ORIGIN}'");
  // A path without a soname is needed by that path, which no folder leads to.
  EXPECT_THAT(plugin_files(plugin), UnorderedElementsAre(plugin, helper));
  const auto named = build("plugin/lib/libinner.so", "-Wl,-soname,libinner.so");
  build("plugin/libhelper.so", "-Wl,-rpath,'$ORIGIN/lib' '" + named + "' -Wl,-soname,libhelper.so");
  EXPECT_THAT(plugin_files(plugin), UnorderedElementsAre(plugin, helper, named));
}

TEST_F(PluginFiles, NamesThatLeadElsewhereAreNot) {
  const auto outside = build("libout.so", "-Wl,-soname,libout.so");
  const auto plugin = build("plugin/p.so", "'" + outside + "' -Wl,-rpath,'$ORIGIN/..:" + folder_.string() + "'");
  EXPECT_THAT(plugin_files(plugin), ElementsAre(plugin));
  std::filesystem::create_symlink(outside, in("plugin/libout.so"));
  build("plugin/p.so", "'" + outside + "' -Wl,-rpath,'$ORIGIN'");
  EXPECT_THAT(plugin_files(plugin), ElementsAre(plugin));
  std::filesystem::remove(in("plugin/libout.so"));
  std::ofstream(in("plugin/libout.so")) << "a secret, and no library";
  EXPECT_THAT(plugin_files(plugin), ElementsAre(plugin));
}

}  // namespace
}  // namespace aisp::judge
