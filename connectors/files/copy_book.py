"""Single cells of a workbook or a Parquet file replaced, everything else as it was.

A workbook is an archive: only the sheet's own part is changed, and of it only these cells. A Parquet file
is written again row group by row group, with its schema, compression and metadata.

Not here: text files (copy_text.py), which cells (copy.py).
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from lxml import etree  # type: ignore[import-untyped]
from openpyxl.utils import column_index_from_string, get_column_letter

from connectors.files.copy_text import NOT_FOUND, Cell

FORMULA = "CELL_IS_A_FORMULA"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


def edit_sheet(source: Path, target: Path, sheet: str, cells: Mapping[int, Cell]) -> dict[int, str]:
    """Writes the workbook to `target` with cells of one sheet replaced, by row (from 1). As copy_text.edit."""
    with zipfile.ZipFile(source) as book, zipfile.ZipFile(target, "w") as out:
        part = _part(book, sheet)
        for entry in book.infolist():
            data, refused_here = book.read(entry), None
            if entry.filename == part:
                data, refused_here = _edited(data, cells)
                refused = refused_here
            out.writestr(entry, data, compress_type=entry.compress_type)
    return refused if part else dict.fromkeys(cells, NOT_FOUND)


def _part(book: zipfile.ZipFile, sheet: str) -> str:
    """The archive's part that holds a sheet."""
    workbook = etree.fromstring(book.read("xl/workbook.xml"), _PARSER)
    key = next((one.get(f"{{{LINK}}}id") for one in workbook.iter("{*}sheet") if one.get("name") == sheet), None)
    links = etree.fromstring(book.read("xl/_rels/workbook.xml.rels"), _PARSER)
    found = next((one.get("Target") for one in links if one.get("Id") == key), "")
    return found.lstrip("/") if found.startswith("/") else posixpath.normpath(posixpath.join("xl", found))


def _edited(data: bytes, cells: Mapping[int, Cell]) -> tuple[bytes, dict[int, str]]:
    root = etree.fromstring(data, _PARSER)
    namespace = etree.QName(root).namespace or MAIN
    refused, line = dict.fromkeys(cells, NOT_FOUND), 0
    for row in root.iter(f"{{{namespace}}}row"):
        line = int(row.get("r") or line + 1)
        cell = cells.get(line)
        if cell is None:
            continue
        why = _set(row, cell, line, namespace)
        refused.pop(line)
        if why is not None:
            refused[line] = why
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True), refused


def _set(row: Any, cell: Cell, line: int, namespace: str) -> str | None:
    """Gives a cell its text; a row may leave out its empty ones."""
    after, column = 0, -1
    for at, one in enumerate(row):
        reference = "".join(filter(str.isalpha, one.get("r") or ""))
        column = column_index_from_string(reference) - 1 if reference else column + 1
        if column == cell.place:
            if one.find(f"{{{namespace}}}f") is not None:
                return FORMULA
            _text(one, cell.new, namespace)
            return None
        if column < cell.place:
            after = at + 1
    new = etree.Element(f"{{{namespace}}}c", r=f"{get_column_letter(cell.place + 1)}{line}")
    _text(new, cell.new, namespace)
    row.insert(after, new)
    return None


def _text(cell: Any, text: str, namespace: str) -> None:
    for part in list(cell):
        cell.remove(part)
    cell.set("t", "inlineStr")
    inner = etree.SubElement(etree.SubElement(cell, f"{{{namespace}}}is"), f"{{{namespace}}}t")
    inner.text = text
    inner.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def edit_parquet(source: Path, target: Path, cells: Mapping[int, Cell]) -> dict[int, str]:
    """Writes the file to `target` with cells replaced, by row (from 1). As copy_text.edit."""
    first = 1
    with pq.ParquetFile(source) as file:
        meta, schema = file.metadata, file.schema_arrow
        codecs = {}
        if meta.num_row_groups:
            group = meta.row_group(0)
            chunks = [group.column(at) for at in range(group.num_columns)]
            codecs = {chunk.path_in_schema: _codec(chunk.compression) for chunk in chunks}
        with pq.ParquetWriter(target, schema, compression=codecs or "snappy", version="2.6") as out:
            for number in range(meta.num_row_groups):
                table = file.read_row_group(number)
                mine = {line - first: cell for line, cell in cells.items() if first <= line < first + table.num_rows}
                out.write_table(_with(table, mine) if mine else table, row_group_size=max(table.num_rows, 1))
                first += table.num_rows
    return {line: NOT_FOUND for line in cells if line >= first}


def _codec(name: str) -> str:
    return "NONE" if name == "UNCOMPRESSED" else name


def _with(table: pa.Table, cells: Mapping[int, Cell]) -> pa.Table:
    place = next(iter(cells.values())).place
    kind, values = table.schema.field(place).type, table.column(place).to_pylist()
    for row, cell in cells.items():
        values[row] = cell.new.encode() if isinstance(values[row], bytes) else cell.new
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    column = pa.array(values, plain)
    return table.set_column(place, table.schema.field(place), column.cast(kind) if kind != plain else column)
