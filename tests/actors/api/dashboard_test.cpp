#include "actors/api/dashboard.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <set>

namespace tocsin::dashboard_test {
namespace {

namespace fs = std::filesystem;

const fs::path folder = TOCSIN_SOURCE_DIR "/tools/dashboard";

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class dashboard : public testing::Test {
protected:
  dashboard() { add_dashboard_routes(routes); }

  http::response get(const std::string& path, http::field_list headers = {}) {
    http::response got{.status = 0};
    routes({.method = "GET", .path = path, .headers = std::move(headers)},
           http::responder([&](http::response answer) { got = std::move(answer); }));
    return got;
  }

  http::router routes;
};

std::string header(const http::response& answer, std::string_view name) {
  return std::string(http::find_field(answer.headers, name).value_or("none"));
}

TEST_F(dashboard, gives_each_file_of_the_folder_as_it_is) {
  const std::set<std::string> shown{".html", ".css", ".js", ".svg"};
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const auto name = fs::relative(entry.path(), folder).generic_string();
    if (name.find("node_modules") != std::string::npos || !shown.contains(entry.path().extension()))
      continue;
    ++files;
    EXPECT_EQ(get("/dashboard/" + name).body, text_of(entry.path())) << name;
  }
  EXPECT_GE(files, 20);
  EXPECT_EQ(get("/").body, text_of(folder / "index.html"));
}

TEST_F(dashboard, says_of_what_kind_a_file_is) {
  EXPECT_EQ(get("/").content_type, "text/html; charset=utf-8");
  EXPECT_EQ(get("/dashboard/app.js").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(get("/dashboard/vendor/uPlot.css").content_type, "text/css; charset=utf-8");
  EXPECT_EQ(get("/dashboard/icon.svg").content_type, "image/svg+xml");
}

TEST_F(dashboard, lets_a_page_load_and_ask_nothing_but_this_server) {
  for (const auto* path : {"/", "/dashboard/app.js"}) {
    const auto policy = header(get(path), "Content-Security-Policy");
    EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
  }
}

TEST_F(dashboard, sends_a_file_again_only_when_it_is_another) {
  const auto first = get("/dashboard/app.js");
  const auto tag = header(first, "ETag");
  EXPECT_EQ(header(first, "Cache-Control"), "no-cache");
  EXPECT_GT(tag.size(), 10u);
  EXPECT_NE(tag, header(get("/dashboard/api.js"), "ETag"));
  for (const auto& known : {tag, "\"old\", W/" + tag, std::string("*")}) {
    const auto again = get("/dashboard/app.js", {{"If-None-Match", known}});
    EXPECT_EQ(again.status, 304u) << known;
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(header(again, "ETag"), tag);
  }
  EXPECT_EQ(get("/dashboard/app.js", {{"If-None-Match", "\"old\""}}).status, 200u);
}

TEST_F(dashboard, has_no_other_files) {
  for (const auto* path : {"/dashboard/", "/dashboard/nothing.js", "/dashboard/../api.cpp",
                           "/dashboard/package.json", "/dashboard/vendor.sh", "/dashboard/pages"})
    EXPECT_EQ(get(path).status, 404u) << path;
}

// An inline script or style would not run, and nobody would see why.
TEST_F(dashboard, has_no_inline_script_or_style) {
  const auto page = get("/").body;
  for (const auto* inlined : {"<style", " style=", " onclick=", " onload=", "javascript:"})
    EXPECT_EQ(page.find(inlined), std::string::npos) << inlined;
  for (auto at = page.find("<script"); at != std::string::npos; at = page.find("<script", at + 1))
    EXPECT_EQ(page.substr(page.find('>', at), 10), "></script>");
}

} // namespace
} // namespace tocsin::dashboard_test
