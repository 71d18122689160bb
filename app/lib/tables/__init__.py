"""Tables that come in and go out: CSV and XLSX, read without guessing, written without formulas (GEN-10, T40).

Reading a file:

    table = read_table(file, filename, max_rows=60_000, max_bytes=30 * MB, max_columns=60)   # TableError: no table at all
    table.header, table.header_row, table.kind, table.encoding, table.separator, table.sheet, table.other_sheets, table.filename
    for row in table:          # Row(number, cells, faults); strict: the first cell that cannot be taken raises TableError
    for row in table.rows():   # all rows; `row.faults` is {index: Fault} and the cell is "" there. Give them to HeaderMap.read

`file` is a binary file that can be sought in (`request.files["file"].stream`). It stays open and is read on while the rows are
asked for, once. Rows are lists of str as wide as the header; blank rows are left out, `number` is the row as the spreadsheet
counts it. TableError may also come while rows are read (`too_many_rows`, `too_many_columns`, `quote_…`, `file_broken`).

Understanding its columns:

    COLUMNS = (
        Column("sku", text(40), label="office.stock.sku", labels=("货号", "item no"), required=True),
        Column("reorder_point", decimal(3, min=0), label="office.stock.reorder_point"),
    )
    found = map_header(table.header, COLUMNS)   # HeaderMap: .columns .unknown .missing .repeated; found.require() raises
    entry = found.read(row)                     # Entry(number, values, problems): {"sku": "A-1", "reorder_point": None}, []

A heading is found by the field's name, its label in either language, and `labels`; width, capitals, blanks, `_ - * : .` make no
difference. `entry.values` has the fields the file has a column for, None where a cell is blank or wrong; `entry.problems` are
TableErrors: `error_text(problem.code, problem.facts)` is the sentence, `problem.row` and `problem.column` the place.

Kinds of columns, each a function from a cell's text to its value or a `Fault(code, facts)`:

    text(max, lines=False) -> str               decimal(decimals=3, min=None, max=None) -> Decimal
    integer(min=None, max=None) -> int          boolean() -> bool
    date() -> datetime.date                     choice({value: ("label", "标签"), …}) -> value

A kind of one's own (a bar code, a bin) is such a function; its codes are added to `errors.CellCode` and the words.

Writing:

    csv_answer(name, head, rows) -> Response    xlsx_answer(name, head, rows) -> Response      # downloads
    write_csv(file, head, rows)                 write_xlsx(file, head, rows, title="…")        # into a binary file

Cells may be str, int, Decimal, date, datetime, bool, None. A str is text whatever it begins with; numbers stay numbers.

Error codes stand in `errors.py`, each with its facts; the words name row and column.
"""

from app.lib.tables.cells import Kind, boolean, choice, date, decimal, integer, text
from app.lib.tables.columns import Column, Entry, HeaderMap, map_header
from app.lib.tables.errors import CellCode, Fault, FileCode, TableError, fault, letter
from app.lib.tables.reading import MB, Row, Table, read_table
from app.lib.tables.writing import csv_answer, safe_text, write_csv, write_xlsx, xlsx_answer

__all__ = [
    "MB",
    "CellCode",
    "Column",
    "Entry",
    "Fault",
    "FileCode",
    "HeaderMap",
    "Kind",
    "Row",
    "Table",
    "TableError",
    "boolean",
    "choice",
    "csv_answer",
    "date",
    "decimal",
    "fault",
    "integer",
    "letter",
    "map_header",
    "read_table",
    "safe_text",
    "text",
    "write_csv",
    "write_xlsx",
    "xlsx_answer",
]
