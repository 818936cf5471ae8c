"""The tower desk: files of every network, and each wrong one in one sentence."""

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.flux import Rules, read_tower
from core.flux.daily import PER_DAY
from core.flux.desk import Choice
from core.schema import FluxscapeError, InputError, NotFoundError, SeriesError, check_tower

DAYS = pd.date_range("2019-01-01", periods=90)


def daily(folder: Path, name: str = "FLX_XX-Abc_FLUXNET2015_SUBSET_DD_2019-2019_1-4.csv", **columns: object) -> Path:
    base = {
        "TIMESTAMP": DAYS.strftime("%Y%m%d"),
        "TA_F_QC": 0.0,  # air temperature's: the first column that holds "QC", and the wrong one
        "NEE_VUT_REF_QC": 1.0,
        "GPP_DT_VUT_REF": 2.0,
        "GPP_NT_VUT_REF": np.linspace(-0.5, 9, len(DAYS)),
    }
    pd.DataFrame(base | columns).to_csv(folder / name, index=False)
    return folder / name


def half_hourly(folder: Path, name: str = "ICOSETC_XX-Abc_FLUXNET_HH_L2.csv", days: int = 3) -> Path:
    times = pd.date_range("2019-06-01", periods=48 * days, freq="30min")
    table = {
        "TIMESTAMP_START": times.strftime("%Y%m%d%H%M"),
        "TIMESTAMP_END": (times + pd.Timedelta(minutes=30)).strftime("%Y%m%d%H%M"),
        "NEE_VUT_REF_QC": 0,
        "GPP_NT_VUT_REF": 10.0,
    }
    pd.DataFrame(table).to_csv(folder / name, index=False)
    return folder / name


# ---------------------------------------------------------------- networks
def test_a_fluxnet_file_by_its_own_quality_and_not_by_the_first_qc(tmp_path) -> None:
    quality = np.ones(90)
    quality[:10] = 0.3
    told = read_tower(daily(tmp_path, NEE_VUT_REF_QC=quality, GPP_NT_VUT_REF=[-9999.0] + [3.0] * 89)).to_json()
    assert (told["site"], told["resolution"], told["gpp_column"]) == ("XX-Abc", "DD", "GPP_NT_VUT_REF")
    assert told["qc_column"] == "NEE_VUT_REF_QC"
    assert (told["start"], told["end"], told["days"]) == ("2019-01-01", "2019-03-31", 90)
    assert told["dropped"] == {"no value": 1, "incomplete": 0, "low quality": 9}
    assert told["days_valid"] == 80
    assert told["unit"] == "gC m-2 d-1"
    assert told["partitioning"].startswith("night-time")


def test_half_hours_become_days_by_the_start_of_each_record(tmp_path) -> None:
    tower = read_tower(half_hourly(tmp_path))
    assert (tower.resolution, tower.source_unit, len(tower.table)) == ("HH", "umol m-2 s-1", 3)
    assert tower.to_json()["mean"] == pytest.approx(10 * PER_DAY, abs=1e-3)
    assert check_tower(tower.daily()).attrs["column"] == "GPP_NT_VUT_REF"


def test_another_variant_comes_with_its_own_quality(tmp_path) -> None:
    more = {"GPP_NT_CUT_REF": 4.0, "NEE_CUT_REF_QC": 0.9}
    tower = read_tower(daily(tmp_path, **more), choice=Choice(gpp="GPP_NT_CUT_REF"))
    assert tower.qc_column == "NEE_CUT_REF_QC"
    assert set(tower.gpp_columns) == {"GPP_NT_VUT_REF", "GPP_DT_VUT_REF", "GPP_NT_CUT_REF"}


def test_reddyproc_output_with_its_unit_line_and_end_stamps(tmp_path) -> None:
    times = pd.date_range("2019-06-01 00:30", periods=96, freq="30min")
    lines = ["DateTime\tNEE_uStar_fqc\tGPP_DT_uStar\tGPP_uStar_f", "POSIXDate\t-\tumol_m-2_s-1\tumol_m-2_s-1"]
    lines += [f"{time:%Y-%m-%d %H:%M:%S}\t{0 if i < 48 else 2}\t1.0\t6.0" for i, time in enumerate(times)]
    (tmp_path / "DE-Tha.txt").write_text("\n".join(lines))
    tower = read_tower(tmp_path / "DE-Tha.txt")
    assert (tower.format, tower.site, tower.gpp_column) == ("REddyProc", "DE-Tha", "GPP_uStar_f")
    assert tower.qc_column == "NEE_uStar_fqc"
    assert len(tower.table) == 2  # the record that ends at midnight belongs to the day before
    assert tower.table["valid"].tolist() == [True, False]


def test_ameriflux_base_with_comment_lines_and_the_teams_own_gpp(tmp_path) -> None:
    times = pd.date_range("2019-06-01", periods=96, freq="30min")
    text = "# Site: US-Abc\n# Version: 1-5\nTIMESTAMP_START,TIMESTAMP_END,FC,GPP_PI\n"
    text += "\n".join(f"{t:%Y%m%d%H%M},{t + pd.Timedelta(minutes=30):%Y%m%d%H%M},-3,7" for t in times)
    (tmp_path / "AMF_US-Abc_BASE_HH_1-5.csv").write_text(text)
    tower = read_tower(tmp_path / "AMF_US-Abc_BASE_HH_1-5.csv")
    assert (tower.format, tower.gpp_column, tower.qc_column) == ("AmeriFlux BASE", "GPP_PI", "")
    assert tower.table["quality"].tolist() == [1.0, 1.0]


def test_a_plain_table_by_picked_columns(tmp_path) -> None:
    table = pd.DataFrame({"when": DAYS.strftime("%Y-%m-%d"), "uptake": 3.0, "flag": 95, "other": 1})
    table.to_csv(tmp_path / "mine.csv", index=False)
    choice = Choice(gpp="uptake", quality="flag", time="when", site="MINE")
    told = read_tower(tmp_path / "mine.csv", choice=choice).to_json()
    assert (told["site"], told["mean"], told["days_valid"]) == ("MINE", 3.0, 90)


def test_the_daily_file_of_an_archive_is_taken(tmp_path) -> None:
    files = [daily(tmp_path), half_hourly(tmp_path)]
    with zipfile.ZipFile(tmp_path / "FLX_XX-Abc.zip", "w") as archive:
        for file in files:
            archive.write(file, file.name)
    assert read_tower(tmp_path / "FLX_XX-Abc.zip").resolution == "DD"


def test_years_of_one_tower_are_joined(tmp_path) -> None:
    first, later = tmp_path / "2019", tmp_path / "2020"
    for folder in (first, later):
        folder.mkdir()
    second = daily(later, TIMESTAMP=pd.date_range("2019-04-03", periods=90).strftime("%Y%m%d"))
    tower = read_tower([daily(first), second])
    told = tower.to_json()
    assert (told["start"], told["end"], told["days"]) == ("2019-01-01", "2019-07-01", 182)
    assert told["dropped"]["no value"] == 2  # between the two


# ---------------------------------------------------------------- wrong input
def test_a_file_without_gpp_names_what_looks_close(tmp_path) -> None:
    (tmp_path / "a.csv").write_text("TIMESTAMP_START,FC,NEE_PI,TA\n" + "201906010000,1,1,1\n201906010030,1,1,1\n")
    with pytest.raises(SeriesError, match="no GPP column; close to it are FC, NEE_PI; partition the flux"):
        read_tower(tmp_path / "a.csv")
    path = daily(tmp_path)
    pd.read_csv(path).drop(columns=["GPP_DT_VUT_REF", "GPP_NT_VUT_REF"]).assign(NEE_VUT_REF=1.0).to_csv(path)
    with pytest.raises(SeriesError, match="close to it are NEE_VUT_REF; partition"):  # and not its quality
        read_tower(path)


def test_a_file_without_quality_says_both_ways_out(tmp_path) -> None:
    path = daily(tmp_path)
    pd.read_csv(path).drop(columns="NEE_VUT_REF_QC").to_csv(path, index=False)
    with pytest.raises(SeriesError, match="no quality column for GPP_NT_VUT_REF; name one with --quality"):
        read_tower(path)
    assert read_tower(path, choice=Choice(no_quality=True)).to_json()["days_valid"] == 90


def test_half_hours_and_days_are_not_mixed(tmp_path) -> None:
    with pytest.raises(SeriesError, match="mix more than one resolution"):
        read_tower([daily(tmp_path), half_hourly(tmp_path)])


def test_two_towers_under_one_code_are_told(tmp_path) -> None:
    (tmp_path / "b").mkdir()
    with pytest.raises(SeriesError, match="site code 'XX-Abc' stands for two towers"):
        read_tower([daily(tmp_path), daily(tmp_path / "b", GPP_NT_VUT_REF=1.0)])


def test_a_column_without_any_value_is_refused(tmp_path) -> None:
    with pytest.raises(SeriesError, match="GPP_NT_VUT_REF' has no value at all; choose another with --gpp: GPP_DT"):
        read_tower(daily(tmp_path, GPP_NT_VUT_REF=-9999))
    path = daily(tmp_path, GPP_NT_VUT_REF=-9999)
    pd.read_csv(path).drop(columns="GPP_DT_VUT_REF").to_csv(path, index=False)
    with pytest.raises(SeriesError, match="has no value at all; give another file of this tower"):
        read_tower(path)


def test_monthly_records_make_no_daily_series(tmp_path) -> None:
    months = pd.date_range("2019-01-01", periods=24, freq="MS").strftime("%Y%m")
    table = {"TIMESTAMP": months, "NEE_VUT_REF_QC": 1.0, "GPP_NT_VUT_REF": 3.0}
    pd.DataFrame(table).to_csv(tmp_path / "FLX_XX-Abc_MM.csv", index=False)
    tower = read_tower(tmp_path / "FLX_XX-Abc_MM.csv")
    assert (tower.resolution, tower.to_json()["days"]) == ("MM", 731)
    with pytest.raises(SeriesError, match="no value for each day; give the site's daily"):
        tower.daily()


HEAD = b"TIMESTAMP,GPP_NT_VUT_REF,NEE_VUT_REF_QC\n"
WRONG = {
    "missing": ("nothing.csv", None, NotFoundError),
    "kind": ("a.xlsx", b"PK\x03\x04", FluxscapeError),
    "binary": ("a.csv", b"time,GPP\0\0", FluxscapeError),
    "empty": ("a.csv", b"", FluxscapeError),
    "no time": ("a.csv", b"GPP_NT_VUT_REF,NEE_VUT_REF_QC\n1,1\n", SeriesError),
    "text for numbers": ("a.csv", HEAD + b"20190101,high,1\n20190102,low,1\n", SeriesError),
    "uneven": ("a.csv", HEAD + b"20190101,1,1\n20190104,1,1\n20190131,1,1\n", SeriesError),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_file_is_one_sentence(kind, tmp_path) -> None:
    name, content, error = WRONG[kind]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(error) as raised:
        read_tower(tmp_path / name)
    assert str(raised.value).endswith(".")
    assert "\n" not in str(raised.value)


def test_an_unknown_column_or_unit_is_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="--gpp 'GPP' is no column"):
        read_tower(daily(tmp_path), choice=Choice(gpp="GPP"))
    with pytest.raises(InputError, match="--unit 'kg' is no unit of GPP"):
        read_tower(daily(tmp_path), choice=Choice(unit="kg"))


# ---------------------------------------------------------------- genuine files
def test_genuine_files_are_read(shared_data) -> None:
    files = sorted((shared_data / "fluxnet_csv").glob("FLX_FR-Pue*"))
    monthly, yearly = (read_tower(file).to_json() for file in files)
    assert (monthly["site"], monthly["resolution"], monthly["days"]) == ("FR-Pue", "MM", 2922)
    assert monthly["mean"] == pytest.approx(3.22, abs=0.05)
    assert (yearly["resolution"], yearly["mean"]) == ("YY", pytest.approx(3.19, abs=0.01))
    (extract,) = (shared_data / "fluxnet_csv").glob("*CH-Cha*")
    assert read_tower(extract).to_json()["dropped"] == {"no value": 0, "incomplete": 1, "low quality": 2}
    with pytest.raises(SeriesError, match="has no day that counts; choose other columns, or a lower least quality"):
        read_tower(extract).daily()
    assert read_tower(extract, rules=Rules(min_quality=0)).to_json()["site"] == "CH-Cha"
    (base,) = (shared_data / "fluxnet_csv").glob("AMF*")
    with pytest.raises(SeriesError, match="close to it are FC, NEE_PI"):
        read_tower(base)


def test_a_table_of_many_towers_is_no_tower_whatever_site_is_named(tmp_path) -> None:
    path = daily(tmp_path, "towers.csv", SITE_ID=["XX-Abc", "XX-Def"] * 45)
    for choice in (Choice(), Choice(site="XX-Abc")):
        with pytest.raises(SeriesError, match=r"holds 2 sites \(XX-Abc, XX-Def\); split the file by SITE_ID"):
            read_tower(path, choice=choice)
