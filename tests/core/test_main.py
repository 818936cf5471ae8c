"""The command line, run as a user runs it: what it prints, and one sentence with exit code 2 for a wrong input."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.__main__ import main
from core.cli import COMMANDS
from core.simulate.spec import DEMO_SITES
from core.sources.site import write_site

ROOT = Path(__file__).parents[2]
CORE = [sys.executable, "-m", "core"]


def run(*arguments: object, **changes: object) -> subprocess.CompletedProcess[str]:
    command = [*CORE, *map(str, arguments)]
    return subprocess.run(command, **({"cwd": ROOT, "capture_output": True, "text": True} | changes))  # type: ignore


# ---------------------------------------------------------------- help
def test_help_shows_every_command_with_examples(capsys) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    shown = capsys.readouterr().out
    assert stop.value.code == 0
    assert "examples:" in shown
    assert all(name in shown for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself_with_an_example_that_parses(name, capsys) -> None:
    from core.__main__ import parser

    with pytest.raises(SystemExit) as stop:
        main([name, "--help"])
    shown = capsys.readouterr().out
    assert stop.value.code == 0
    assert "--json" in shown
    assert "--workspace" in shown
    for example in COMMANDS[name].examples:
        assert f"python -m core {example}" in shown
        assert parser().parse_args(example.split()).command == name


def test_help_imports_nothing_heavy() -> None:
    script = "import sys; from core.__main__ import parser; parser().format_help(); print(' '.join(sys.modules))"
    loaded = set(
        subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True).stdout.split()
    )
    assert "core.cli" in loaded
    assert not loaded & {"torch", "xarray", "pandas", "scipy", "rasterio", "spyndex", "streamlit"}


# ---------------------------------------------------------------- sites
def test_sites_as_json_have_what_a_program_needs(workspace, small_site, capsys) -> None:
    write_site(workspace, **small_site.parts())
    assert main(["sites", "--json", "--workspace", str(workspace.root)]) == 0
    sites = json.loads(capsys.readouterr().out)
    assert len(sites) == 1 + 6 + 47
    by_id = {site["id"]: site for site in sites}
    small = by_id["SMALL"]
    assert (small["kind"], small["lat"], small["lon"], small["class"]) == ("files", 50.0, 9.5, "GRA")
    assert small["optical_dates"] == 6
    assert by_id["SIM-WET"]["kind"] == "simulated"
    assert by_id["DE-Brs"]["class"] == ""


def test_sites_as_text_are_one_line_each(workspace, capsys) -> None:
    assert main(["sites", "--workspace", str(workspace.root)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["id", "kind", "class", "lat", "lon", "dates", "title"]
    assert len(lines) == 1 + 6 + 47


def test_only_sites_with_data_on_request(workspace, small_site, capsys) -> None:
    write_site(workspace, **small_site.parts())
    assert main(["sites", "--with-data", "--json", "--workspace", str(workspace.root)]) == 0
    assert [site["id"] for site in json.loads(capsys.readouterr().out)] == ["SMALL"]


def test_damage_and_leftovers_are_reported_beside_the_list(workspace, small_site, capsys) -> None:
    write_site(workspace, **small_site.parts())
    (workspace.site_path("SMALL") / "site.json").write_text("{")
    (workspace.root / "sites" / ".SIM-DBF.partial").mkdir()
    assert main(["sites", "--json", "--workspace", str(workspace.root)]) == 0
    said = capsys.readouterr()
    assert len(json.loads(said.out)) == 6 + 47
    assert "folder 'SMALL' has an unreadable site.json" in said.err
    assert "'SIM-DBF' was left unfinished by a crash" in said.err


def test_an_interrupted_embedding_is_no_leftover_but_goes_on(workspace, small_site, capsys) -> None:
    from core.embedding.engine import StoppedError, run
    from core.embedding.plan import plan

    write_site(workspace, **small_site.parts())
    asked: list[bool] = []
    with pytest.raises(StoppedError):
        run(
            workspace,
            plan(workspace, "SMALL", chunk=(5, 6, 10)),
            stop=lambda: asked.append(True) or len(asked) > 1,  # type: ignore[func-returns-value]
        )
    assert main(["sites", "--workspace", str(workspace.root)]) == 0
    (said,) = capsys.readouterr().err.splitlines()
    assert "is 50 % done" in said
    assert "'python -m core embed' of SMALL with the same options goes on with it (compact-32, 2021-05-01 to" in said
    assert "crash" not in said


def test_the_environment_names_the_workspace(workspace, small_site) -> None:
    write_site(workspace, **small_site.parts())
    done = run("sites", "--with-data", env=os.environ | {"FLUXSCAPE_WORKSPACE": str(workspace.root)})
    assert "A small site" in done.stdout


def test_a_reader_that_leaves_early_is_no_error(workspace) -> None:
    command = f"{sys.executable} -m core sites --workspace {workspace.root} | head -n 1"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("id")
    assert done.stderr == ""


# ---------------------------------------------------------------- open
def test_open_describes_a_file_or_a_site_by_its_id(workspace, small_site, capsys) -> None:
    write_site(workspace, **small_site.parts())
    for path in (str(workspace.site_path("SMALL")), "SMALL"):
        assert main(["open", path, "--json", "--workspace", str(workspace.root)]) == 0
        description = json.loads(capsys.readouterr().out)
        assert description["kind"] == "site"
        assert description["dims"] == {"time": 6, "s1_time": 4, "y": 12, "x": 10}
        assert description["crs"] == "EPSG:32632"
    assert main(["open", "SMALL", "--workspace", str(workspace.root)]) == 0
    shown = capsys.readouterr().out
    assert "6, 2021-05-01 to 2021-05-26" in shown
    assert "cloud share  20.8 %" in shown


# ---------------------------------------------------------------- simulate
def test_simulate_keeps_a_site_that_stands_and_says_what_it_is(demo_workspace, tmp_path, capsys) -> None:
    progress = tmp_path / "progress.json"
    arguments = ["simulate", "SIM-DBF", "--workspace", str(demo_workspace.root), "--progress", str(progress)]
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "SIM-DBF"
    assert json.loads(progress.read_text()) == {"fraction": 1.0, "message": "Done"}
    assert main(arguments) == 0
    assert "80 x 80 pixels of 10 m" in capsys.readouterr().out


def test_landscapes_are_made_in_the_order_of_their_seeds(workspace, capsys) -> None:
    command = ["simulate", "--landscapes", "2", "--first", "7", "--size", "16", "--workspace", str(workspace.root)]
    assert main([*command, "--json"]) == 0
    assert [site["id"] for site in json.loads(capsys.readouterr().out)] == ["TRAIN-7", "TRAIN-8"]


def wait_for(path: Path, process: subprocess.Popen) -> None:
    while not path.exists():
        assert process.poll() is None, "ended before it began"
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_it_leaves_nothing_behind(workspace, tmp_path, number) -> None:
    progress = tmp_path / "progress.json"
    command = [*CORE, "simulate", "--all", "--workspace", str(workspace.root), "--progress", str(progress)]
    # A check that runs in the background is born deaf to Ctrl-C; the command under test must not inherit that.
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_for(progress, process)
    process.send_signal(number)
    _, complaint = process.communicate()
    assert process.returncode == 130
    assert complaint == ""
    assert workspace.sites() == workspace.drafts() == []


def test_a_terminal_sees_a_bar(demo_workspace) -> None:
    ours, theirs = pty.openpty()
    run(
        "simulate",
        "SIM-DBF",
        "--workspace",
        demo_workspace.root,
        capture_output=False,
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    assert "[##############################] 100% Done" in os.read(ours, 10_000).decode()
    os.close(ours)


# ---------------------------------------------------------------- wrong input
WRONG = {
    "no command": ([], "required: COMMAND"),
    "unknown command": (["fly"], "invalid choice: 'fly'"),
    "unknown option": (["sites", "--jason"], "--jason"),
    "option without value": (["sites", "--workspace"], "expected one argument"),
    "no site": (["simulate"], "give one site, --all, --towers or --landscapes COUNT"),
    "landscapes and towers": (
        ["simulate", "--towers", "--landscapes", "2"],
        "'--towers --landscapes' is no single choice",
    ),
    "no landscapes": (["simulate", "--landscapes", "0"], "give 1 or more"),
    "seed below 0": (["simulate", "--landscapes", "1", "--first", "-3"], "give a whole number from 0"),
    "odd size": (["simulate", "--landscapes", "1", "--size", "17"], "give an even number"),
    "a site and all": (["simulate", "SIM-DBF", "--all"], "'SIM-DBF --all' is no single choice"),
    "unknown site": (["simulate", "SIM-XXX"], f"choose one of: {', '.join(DEMO_SITES)}"),
    "no path": (["open"], "required: PATH"),
    "missing file": (["open", "nowhere/cube.zarr"], "does not exist"),
    "unsupported file": (["open", "README.md"], "does not open"),
    "folder": (["open", "core"], "one of the files in it"),
    "workspace that is a file": (["sites", "--workspace", "README.md"], "is a file"),
    "workspace below a file": (["simulate", "SIM-DBF", "--workspace", "README.md/below"], "cannot be written to"),
    "progress that cannot be written": (["simulate", "SIM-DBF", "--progress", "nowhere/p.json"], "cannot be written"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_input_is_one_sentence_and_exit_code_2(kind, monkeypatch, tmp_path, capsys) -> None:
    arguments, words = WRONG[kind]
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("FLUXSCAPE_WORKSPACE", str(tmp_path / "workspace"))
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.endswith(".\n")


def test_a_wrong_input_of_a_real_process_shows_no_traceback() -> None:
    done = run("open", "/nowhere/at/all.nc")
    assert done.returncode == 2
    assert done.stderr == "path '/nowhere/at/all.nc' does not exist; check its spelling.\n"


@pytest.mark.parametrize(
    ("before", "kept"),
    [({}, "10000"), ({"GOMP_SPINCOUNT": "5"}, "5"), ({"OMP_WAIT_POLICY": "active"}, "None")],
)
def test_threads_that_wait_leave_their_core_to_others_unless_the_user_says_otherwise(before, kept) -> None:
    ours = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")
    environment = {name: value for name, value in os.environ.items() if name not in ours} | before
    script = (
        "import atexit, os, runpy, sys; atexit.register(lambda: print(os.environ.get('GOMP_SPINCOUNT')));"
        "sys.argv = ['core', '--version']; runpy.run_module('core', run_name='__main__', alter_sys=True)"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.split()[-1] == kept
