"""Which files are meant: an allow-list."""

import pytest

from core.schema import FormatError, NotFoundError
from core.sources.embeddings.files import Kind, digest, find
from core.sources.embeddings.look import gather
from tests.core.made_embedding import publish
from tests.hostile import pickled_array


def test_a_folder_is_searched_for_what_is_known_and_nothing_else(tmp_path, raster, values) -> None:
    first, second = raster("a/2021-05-01.tif", values), raster("a/b/2021-05-02.TIFF", values)
    for name in ("a/notes.txt", "a/.hidden.tif", "a/b/model.pkl", "a/x.vrt"):
        (tmp_path / name).write_text("no")
    assert [item.path for item in find([tmp_path / "a"])] == [first, second]
    assert [item.path for item in find([first, tmp_path / "a"])] == [first, second]


def test_scales_and_land_are_no_embeddings_of_their_own(tessera) -> None:
    folder = tessera()
    (found,) = find([folder])
    assert (found.path.name, found.kind) == ("grid_9.55_49.95.npy", Kind.NUMPY)


def test_a_run_and_a_zarr_folder_are_one_thing(space, cube, tmp_path) -> None:
    run = publish(space, cube)
    assert find([run.path]) == [(run.path, Kind.RUN)]
    cube.to_zarr(tmp_path / "c.zarr", zarr_format=3, consolidated=False)
    cube.to_zarr(tmp_path / "folder" / "d.zarr", zarr_format=2)
    assert find([tmp_path / "c.zarr"]) == [(tmp_path / "c.zarr", Kind.ZARR)]
    assert find([tmp_path / "folder"]) == [(tmp_path / "folder" / "d.zarr", Kind.ZARR)]


def test_what_is_no_embedding_is_refused_by_name(space, tmp_path, raster, values, cube) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "w.pkl").write_bytes(b"\x80\x04.")
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    cube.to_netcdf(tmp_path / "mixed.nc", engine="h5netcdf")
    raster("mixed/2021.tif", values)
    (tmp_path / "mixed.nc").rename(tmp_path / "mixed" / "c.nc")
    wrong = {
        "nothing": (NotFoundError, "does not exist"),
        "empty": (FormatError, "holds no embedding that Fluxscape opens"),
        "w.pkl": (FormatError, "of a kind Fluxscape does not open"),
        "t.csv": (FormatError, "is CSV, which holds no embedding"),
        "mixed": (FormatError, "holds GeoTIFF and NetCDF files; give files of one kind at a time"),
        "workspace/sites/SMALL": (FormatError, "is a site, which holds images"),
    }
    for name, (error, words) in wrong.items():
        with pytest.raises(error, match=words):
            find([tmp_path / name])


def test_the_digest_is_of_the_content_wherever_it_lies(tmp_path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder / "x").mkdir(parents=True)
        (tmp_path / folder / "x" / "f.npy").write_bytes(b"same")
    assert digest([tmp_path / "a" / "x"]) == digest([tmp_path / "b" / "x"])
    (tmp_path / "b" / "x" / "f.npy").write_bytes(b"else")
    assert digest([tmp_path / "a" / "x"]) != digest([tmp_path / "b" / "x"])


def test_a_pickled_array_is_refused_without_being_opened(tmp_path, tessera) -> None:
    path = next(path for path in tessera().rglob("*.npy") if "scales" not in path.name)

    pickled_array(path, tmp_path / "ran")
    with pytest.raises(FormatError, match="cannot be read as NumPy array"):
        gather([path])
    assert not (tmp_path / "ran").exists()


def test_a_file_that_is_not_what_it_claims_is_one_sentence(tmp_path, tessera, raster, values) -> None:
    path = next(path for path in tessera().rglob("*.npy") if "scales" not in path.name)
    path.write_text("not an array")
    with pytest.raises(FormatError, match="is no NumPy array"):
        gather([path])
    path = raster("2021.tif", values)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(FormatError, match="cannot be read as GeoTIFF"):
        gather([path])


def test_a_site_cube_is_no_embedding(space, small_site, tmp_path) -> None:
    small_site.cube.to_zarr(tmp_path / "s2.zarr", zarr_format=3, consolidated=False)
    with pytest.raises(FormatError, match="holds the bands B02, B03"):
        gather([tmp_path / "s2.zarr"])
