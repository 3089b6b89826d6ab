"""Holds the tree to its layers and to the few numbers of style that we care about.

config <- streams/* <- actors <- tools, bench, tests: a folder includes itself and what stands to
its left. The workload of all measurements (bench/standard) stands beside streams: only the tools,
bench and tests include it. Only actors/ and tools/ include CAF, only streams/redis/ hiredis, only JSON readers
simdjson. Files stay small. The checks are tried on broken input first, so that they can fail.
"""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]

# What each folder may include of the project, by prefix; the first entry that matches counts.
MAY_INCLUDE = [
    ("config", ["config"]),
    ("streams/window", ["config", "streams/window"]),
    ("streams/rule", ["config", "streams/window", "streams/rule"]),
    ("streams/sample", ["config", "streams/window", "streams/sample"]),
    ("streams/process", ["config", "streams/process"]),
    ("streams/redis", ["config", "streams/process", "streams/redis"]),
    ("streams/partition", ["config", "streams"]),
    ("actors/http", ["config", "actors/http"]),
    ("actors/metrics", ["config", "actors/metrics"]),
    ("actors/api", ["config", "streams", "actors/http", "actors/metrics", "actors/api"]),
    ("actors/statsd", ["config", "actors/statsd"]),
    ("actors/machine", ["config", "actors/http", "actors/machine"]),
    ("actors/sinks", ["config", "streams/process", "streams/redis", "streams/rule", "actors/http",
                      "actors/metrics", "actors/sinks"]),
    ("actors", ["config", "streams", "actors"]),
    ("tools", ["config", "streams", "actors", "tools", "bench/standard", "bench/evaluate",
               "bench/pipeline"]),
    ("bench/standard", ["config", "bench/standard"]),
    ("bench/reference", ["config", "streams/window", "streams/rule", "bench/reference"]),
    ("bench/evaluate", ["config", "streams/window", "streams/rule", "bench/standard",
                        "bench/reference", "bench/evaluate"]),
    ("bench/pipeline", ["config", "streams/process", "streams/redis", "streams/sample",
                        "actors/http", "bench/standard", "bench/pipeline"]),
    ("bench", ["config", "streams", "actors", "bench"]),
    ("tests", ["config", "streams", "actors", "tools", "bench", "tests"]),
]

# Who may include a library: header pattern -> folders or files.
ONLY = {
    r"caf/": ["actors/", "tools/tocsin/serve.cpp"],
    r"hiredis": ["streams/redis/"],
    r"simdjson": ["config/json_document.cpp", "streams/sample/"],
    r"boost/(beast|asio)": ["actors/http/"],
    r"CLI/": ["tools/"],
}

LINES_MAX = 450
COLUMNS_MAX = 100
CLOCKS = re.compile(r"(system_clock|steady_clock)::now|\btime\(nullptr\)|gettimeofday")
CLOCK_FREE = ("config/", "streams/window/", "streams/rule/", "streams/sample/",
              "streams/partition/")


def includes(text):
    return re.findall(r'^#include\s+(["<])([^">]+)[">]', text, re.M)


def allowed(path):
    return next(may for folder, may in MAY_INCLUDE if path.startswith(folder + "/"))


def check(path, text):
    """What is wrong with a file, as a list of messages."""
    wrong = []
    for mark, target in includes(text):
        if mark == '"' and not any(target.startswith(a + "/") for a in allowed(path)):
            wrong.append(f"{path} includes {target}: its layer must not")
        for pattern, places in ONLY.items():
            test = path.startswith("tests/")
            if mark == "<" and re.match(pattern, target) and not test \
                    and not any(path.startswith(p) for p in places):
                wrong.append(f"{path} includes <{target}>: only {', '.join(places)} may")
    lines = text.split("\n")
    if not path.startswith("tests/") and len(lines) > LINES_MAX:
        wrong.append(f"{path} has {len(lines)} lines: {LINES_MAX} are enough")
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX:
            wrong.append(f"{path}:{number} has {len(line)} columns: {COLUMNS_MAX} are enough")
    if path.startswith(CLOCK_FREE) and CLOCKS.search(text):
        wrong.append(f"{path} reads a clock: time is an argument below actors/")
    if path.endswith(".hpp") and not text.startswith("#pragma once"):
        wrong.append(f"{path} does not begin with #pragma once")
    if path.endswith("_test.cpp"):
        # Sanitizer builds compile some tests at a time, and local names are short.
        stem = path.rsplit("/", 1)[-1].removesuffix(".cpp")
        for name in re.findall(r"^namespace (tocsin[\w:]*) {", text, re.M):
            if not name.endswith("::" + stem):
                wrong.append(f"{path} has namespace {name}: {name}::{stem} is its own")
    return wrong


def sources():
    for folder in ("config", "streams", "actors", "tools", "bench", "tests"):
        for path in sorted((TOP / folder).rglob("*")):
            if path.suffix in (".hpp", ".cpp") and "node_modules" not in path.parts:
                yield path.relative_to(TOP).as_posix(), path.read_text()


def table_of_tests():
    """Every file and test that tests/README.md names exists."""
    text = (TOP / "tests/README.md").read_text()
    scripts = {p.stem: p.read_text() for p in (TOP / "tests/integration").glob("*.py")}
    wrong = []
    for name, tests in re.findall(r"`([a-z_]+): ([^`]+)`", text):
        if name not in scripts:
            wrong.append(f"tests/README.md names {name}, which is no file of tests/integration")
            continue
        for test in re.split(r", ", tests):
            known = re.escape(test.removesuffix(".*").split(".")[-1])
            if test != "*" and not re.search(rf"(def|class) {known}\b", scripts[name]):
                wrong.append(f"tests/README.md names {name}: {test}, which does not exist")
    for path in re.findall(r"`((?:config|streams|actors)/[a-z_/]+_test)(?:\.cpp)?`", text):
        if not (TOP / "tests" / (path + ".cpp")).exists():
            wrong.append(f"tests/README.md names {path}, which does not exist")
    return wrong


def self_test():
    head = "#pragma once\n"
    broken = [
        ("config/x.hpp", head + '#include "streams/window/tick.hpp"\n'),
        ("streams/rule/x.hpp", head + '#include "streams/redis/commit.hpp"\n'),
        ("streams/redis/x.hpp", head + '#include "streams/rule/plan.hpp"\n'),
        ("streams/window/x.cpp", "#include <caf/all.hpp>\n"),
        ("actors/x.cpp", "#include <hiredis/hiredis.h>\n"),
        ("actors/x.cpp", '#include "tools/tocsin/serve.hpp"\n'),
        ("streams/window/x.cpp", "auto t = std::chrono::steady_clock::now();\n"),
        ("actors/x.cpp", '#include "bench/standard/workload.hpp"\n'),
        ("bench/standard/x.hpp", head + '#include "streams/window/tick.hpp"\n'),
        ("config/x.hpp", "int x;\n"),
        ("config/x.cpp", "/" * 101 + "\n"),
        ("config/x.cpp", "\n" * 451),
        ("tests/config/x_test.cpp", "namespace tocsin {\n"),
        ("tests/streams/redis/x_test.cpp", "namespace tocsin::redis {\n"),
    ]
    return [f"self-test: {path} with {text[:40]!r} was let pass"
            for path, text in broken if not check(path, text)]


def main():
    wrong = self_test() + table_of_tests()
    seen = 0
    for path, text in sources():
        seen += 1
        wrong += check(path, text)
    if seen < 50:
        wrong.append(f"only {seen} files were found: is the tree where it should be?")
    print("\n".join(wrong) or f"{seen} files stand in their layers")
    sys.exit(1 if wrong else 0)


main()
