import importlib.metadata
import pathlib
import re
import subprocess
import sys
import zipfile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from helpers.workbook import repository

ROOT = repository.ROOT
PROJECT = repository.pyproject()["project"]
STATED = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["workbook"]]


def lines_of(name):
    lines = (line.partition("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    return [line for line in lines if line and not line.startswith("-")]


def ranges(lines):
    return {requirement.name: requirement.specifier for requirement in map(Requirement, lines)}


def needed_on(python, lines):
    """Only those requirements whose markers hold on this version of Python."""
    environment = {"python_version": python, "python_full_version": f"{python}.9"}
    found = map(Requirement, lines)
    return [each for each in found if each.marker is None or each.marker.evaluate(environment)]


def test_requirements_and_pyproject_state_the_same_ranges():
    assert ranges(lines_of("requirements.txt")) == ranges(STATED)


def test_requirements_install_the_helpers_too():
    assert "--editable ." in (ROOT / "requirements.txt").read_text().splitlines()


@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12", "3.13"])
def test_the_lock_has_one_version_within_each_range(python):
    locked = {}
    for requirement in needed_on(python, lines_of("requirements.lock")):
        assert requirement.name not in locked
        locked[requirement.name] = str(requirement.specifier).removeprefix("==")
    for requirement in needed_on(python, [*STATED, *PROJECT["optional-dependencies"]["dev"]]):
        assert locked[requirement.name] in requirement.specifier


def test_every_pinned_line_is_exact():
    for line in lines_of("requirements.lock"):
        assert re.match(r"[\w.-]+==[\w.]+( ;|$)", line), line


def test_the_workflow_tests_every_python_that_the_project_supports():
    supported = PROJECT["requires-python"]
    assert supported == ">=3.10,<3.14"
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    assert 'python: ["3.10", "3.11", "3.12", "3.13"]' in workflow


def test_importing_helpers_is_quick_and_loads_no_framework():
    code = """
import sys, time
started = time.perf_counter()
import helpers
seconds = time.perf_counter() - started
print(seconds, *{"tensorflow", "keras", "jax", "torch", "matplotlib"} & set(sys.modules))
"""
    command = [sys.executable, "-c", code]
    runs = [subprocess.run(command, capture_output=True, text=True) for _ in range(3)]
    assert [run.stderr for run in runs] == [""] * 3
    seconds, *loaded = min(run.stdout.split() for run in runs)
    assert loaded == []
    assert float(seconds) < 0.2


def installed_by(requirements):
    """The distributions that come along with these requirements, at any distance."""
    names, waiting = set(), [Requirement(line) for line in requirements]
    while waiting:
        requirement = waiting.pop()
        extras = requirement.extras or {""}
        holds = requirement.marker is None or any(
            requirement.marker.evaluate({"extra": extra}) for extra in extras
        )
        if not holds or canonicalize_name(requirement.name) in names:
            continue
        names.add(canonicalize_name(requirement.name))
        try:
            waiting += map(Requirement, importlib.metadata.requires(requirement.name) or [])
        except importlib.metadata.PackageNotFoundError:  # needed elsewhere, such as on Windows
            continue
    return names


IMPORT_ALL = """
import importlib, pkgutil, sys

sys.modules.update(dict.fromkeys(sys.argv[1:]))  # None: these cannot be imported
import helpers
done = 0
for module in pkgutil.walk_packages(helpers.__path__, "helpers.", onerror=lambda name: None):
    if not module.name.startswith("helpers.workbook"):
        importlib.import_module(module.name)
        done += 1
print(done)
try:
    import helpers.workbook
except ImportError as error:
    print(error)
"""


def test_every_module_imports_where_nothing_but_the_dependencies_is_installed():
    wanted = installed_by(PROJECT["dependencies"])
    absent = [
        name
        for name, distributions in importlib.metadata.packages_distributions().items()
        if name != "helpers" and not wanted & set(map(canonicalize_name, distributions))
    ]
    assert {"IPython", "nbformat", "pytest"} <= set(absent)
    assert not {"tensorflow", "keras", "numpy", "scipy", "matplotlib"} & set(absent)
    command = [sys.executable, "-W", "error", "-c", IMPORT_ALL, *absent]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    number, *refusal = process.stdout.splitlines() or [process.stderr]
    modules = list((ROOT / "helpers").rglob("*.py"))
    assert int(number) == sum("workbook" not in path.parts for path in modules) - 1, process.stderr
    assert "pip install" in refusal[0]
    assert "requirements.txt" in refusal[0]


@pytest.mark.slow
def test_an_installed_wheel_has_the_helpers_and_their_data(tmp_path):
    copy = tmp_path / "clone"
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        copy.mkdir(exist_ok=True)
        (copy / name).write_bytes((ROOT / name).read_bytes())
    for folder in ("helpers", "data"):
        for source in (ROOT / folder).rglob("*"):
            if source.is_file() and "__pycache__" not in source.parts:
                target = copy / source.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read_bytes())
    build = ["wheel", ".", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir=dist"]
    command = [sys.executable, "-m", "pip", *build]
    subprocess.run(command, cwd=copy, check=True, capture_output=True)
    (wheel,) = (copy / "dist").iterdir()
    assert wheel.name.startswith("cnn_workbook-")

    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("helpers/")}
        archive.extractall(tmp_path / "installed")
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "helpers").rglob("*.py")}
    data = {f"helpers/data/{path.name}" for path in (ROOT / "data").iterdir() if path.is_file()}
    assert modules <= packed
    assert data <= packed

    code = "import helpers, helpers.settings, helpers.storage as s; print(s.data_file('README.md'))"
    process = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
    )
    assert process.stderr == ""
    found = pathlib.Path(process.stdout.strip())
    assert found == tmp_path / "installed" / "helpers" / "data" / "README.md"
