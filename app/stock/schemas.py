"""What the verbs of stock accept: anything else is malformed at both doors."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate, validates_schema
from marshmallow.exceptions import ValidationError

from app.lib.quantities import QuantityField
from app.stock.counting import KINDS
from app.stock.models import CLASSES, STATUSES

SHA256 = validate.Regexp(r"^[0-9a-f]{64}$")
DATE = validate.Regexp(r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")
VIA = ("wedge", "camera", "typed", "pad")
MOST_CODES = 20
MOST_BINS = 5000
MOST = 1_000_000  # of a unit, in one line: more is a slip of the finger


def text(most: int, *, least: int = 0, **more: Any) -> fields.Str:
    """A text as typed, at most `most` characters."""
    return fields.Str(validate=validate.Length(min=least, max=most), **more)


def reason() -> fields.Str:
    """A decision's reason: never empty."""
    return text(1000, least=1, required=True)


def amount(**more: Any) -> QuantityField:
    """More than nothing of something."""
    return QuantityField(min="0.001", max=str(MOST), **more)


# -- products and bins ----------------------------------------------------------------------------------------------------


class Code(Schema):
    """A barcode, and how many of the product's unit one scan of it means (STK-11)."""

    code = text(80, least=1, required=True)
    pack = amount(load_default=1)


class ProductFields(Schema):
    """What a person may say of a product; a rule of its own checks that codes are unique (STK-10)."""

    sku = text(40, least=1)
    zh = text(200, least=1)
    en = text(200, least=1)
    category = text(20, least=1)
    unit = text(20, least=1)
    abc = fields.Str(validate=validate.OneOf(CLASSES))
    lot = fields.Bool()
    expiry = fields.Bool()
    serial = fields.Bool()
    shelf_life_days = fields.Int(strict=True, allow_none=True, validate=validate.Range(1, 36_500))
    cost_fen = fields.Int(strict=True, allow_none=True, validate=validate.Range(0, 10_000_000_000))
    reorder_point = QuantityField(min="0", max=str(MOST), allow_none=True)
    reorder_qty = QuantityField(min="0", max=str(MOST), allow_none=True)
    safety_stock = QuantityField(min="0", max=str(MOST), allow_none=True)
    lead_time_days = fields.Int(strict=True, allow_none=True, validate=validate.Range(0, 3650))
    codes = fields.List(fields.Nested(Code), validate=validate.Length(max=MOST_CODES))


class AddProduct(ProductFields):
    """A new product: both names (GEN-8), category and unit."""

    product_id = fields.UUID(required=True)
    sku = text(40, least=1, required=True)
    zh = text(200, least=1, required=True)
    en = text(200, least=1, required=True)
    category = text(20, least=1, required=True)
    unit = text(20, least=1, required=True)


class ChangeProduct(ProductFields):
    """What is named changes; `codes` takes the place of all of them."""

    product_id = fields.UUID(required=True)


class EndProduct(Schema):
    """It is archived, or comes back."""

    product_id = fields.UUID(required=True)
    reason = reason()


class BinFields(Schema):
    """What a person may say of a bin."""

    code = text(40, least=1)
    area = text(10, least=1)
    note = text(200, allow_none=True)


class AddBin(BinFields):
    """A new bin."""

    bin_id = fields.UUID(required=True)
    code = text(40, least=1, required=True)
    area = text(10, least=1, required=True)


class ChangeBin(BinFields):
    """What is named changes."""

    bin_id = fields.UUID(required=True)


class EndBin(Schema):
    """It is closed, or comes back."""

    bin_id = fields.UUID(required=True)
    reason = reason()


class OfBins(Schema):
    """These bins."""

    bins = fields.List(fields.UUID(), required=True, validate=validate.Length(1, MOST_BINS))


class FreezeBins(OfBins):
    """Nothing moves there until somebody lets go of them, or until this stock take ends (STK-13)."""

    reason = reason()
    stock_take_id = fields.UUID(allow_none=True, load_default=None)


class ApplyImport(Schema):
    """A file that was read and compared before; refused when anything it was compared with has changed since."""

    import_id = fields.UUID(required=True)
    kind = fields.Str(required=True, validate=validate.OneOf(["products", "bins", "opening_stock"]))
    sha = fields.Str(required=True, validate=SHA256)
    file_name = text(200, least=1, required=True)


# -- goods that move ------------------------------------------------------------------------------------------------------


class Goods(Schema):
    """How much of what: a product, its lot where it has one, its status."""

    product_id = fields.UUID(required=True)
    quantity = amount(required=True)
    lot = text(40, load_default="")
    expires_on = fields.Str(validate=DATE, allow_none=True, load_default=None)
    status = fields.Str(validate=validate.OneOf(STATUSES), load_default=STATUSES[0])
    note = text(500, allow_none=True, load_default=None)


class Receive(Goods):
    """Goods that came in and lie in a bin."""

    bin_id = fields.UUID(required=True)
    delivery = text(80, allow_none=True, load_default=None)


class Issue(Goods):
    """Goods that leave a bin for a show, an order, or use in the house."""

    bin_id = fields.UUID(required=True)
    purpose = fields.Str(required=True, validate=validate.OneOf(["show", "order", "use"]))
    ref = text(120, allow_none=True, load_default=None)


class Transfer(Goods):
    """Goods that went from one bin to another."""

    bin_id = fields.UUID(required=True)
    to_bin_id = fields.UUID(required=True)


# -- counting -------------------------------------------------------------------------------------------------------------


class Tolerance(Schema):
    """Within which a difference asks for no recount (STK-4); missing figures are the starter pack's."""

    units = QuantityField(min="0", max=str(MOST))
    percent = QuantityField(min="0", max="100")
    value_fen = fields.Int(strict=True, validate=validate.Range(0, 10_000_000_000))
    class_a_units = QuantityField(min="0", max=str(MOST))


class PlanStockTake(Schema):
    """Bins, who counts, whether blind. `scope` says in the planner's words how the bins were chosen.

    `freeze`: nothing moves in them until the count ends (STK-13). `overlap`: bins of another open count may be among them.
    """

    stock_take_id = fields.UUID(required=True)
    title = text(120, least=1, required=True)
    kind = fields.Str(required=True, validate=validate.OneOf(KINDS))
    blind = fields.Bool(load_default=True)
    bins = fields.List(fields.UUID(), required=True, validate=validate.Length(1, MOST_BINS))
    counters = fields.List(fields.UUID(), required=True, validate=validate.Length(1, 50))
    tolerance = fields.Nested(Tolerance, load_default=dict)
    scope = fields.Dict(load_default=dict)
    due_at = fields.Int(strict=True, allow_none=True, load_default=None)
    freeze = fields.Bool(load_default=False)
    overlap = fields.Bool(load_default=False)


class OfTake(Schema):
    """Every verb about a stock take names it."""

    stock_take_id = fields.UUID(required=True)


class CancelStockTake(OfTake):
    """It is off; what was counted stays readable."""

    reason = reason()


class ChangeCounters(OfTake):
    """Who counts from now on."""

    counters = fields.List(fields.UUID(), required=True, validate=validate.Length(1, 50))


class OpenBin(OfTake):
    """A person begins to count a bin; the operation's id is the id of this count of it.

    `replaces`: earlier counts of the same bin by the same person that this one takes the place of. `recounts`: for these alone.
    """

    bin_id = fields.UUID(required=True)
    replaces = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=20))
    recounts = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=500))


class RecordCountLine(Schema):
    """One scan, or one typed quantity; below zero it takes back part of what was typed before (F9).

    Either `product_id`, or the `code` nobody knows, as scanned. `quantity` is in the product's unit, packs multiplied.
    """

    bin_count_id = fields.UUID(required=True)
    product_id = fields.UUID()
    code = text(200, least=1)
    key = text(80, least=1)
    lot = text(40, load_default="")
    expires_on = fields.Str(validate=DATE, allow_none=True, load_default=None)
    status = fields.Str(validate=validate.OneOf(STATUSES), load_default=STATUSES[0])
    quantity = QuantityField(min=str(-MOST), max=str(MOST), required=True)
    pack = amount(load_default=1)
    via = fields.Str(required=True, validate=validate.OneOf(VIA))
    photo = fields.Str(validate=SHA256)
    note = text(500)

    @validates_schema
    def check_what(self, data: dict[str, Any], **_: Any) -> None:
        """Something was counted, and more or less than nothing."""
        if "product_id" not in data and "code" not in data:
            raise ValidationError("missing", "product_id")
        if data.get("quantity") == 0:
            raise ValidationError("zero", "quantity")


class WithdrawCountLine(Schema):
    """A line taken back by the person who recorded it; both stay in the history."""

    count_line_id = fields.UUID(required=True)


class FinishBin(Schema):
    """That is all that lies in the bin; `is_empty`: nothing does."""

    bin_count_id = fields.UUID(required=True)
    is_empty = fields.Bool(load_default=False)


class SkipBin(OfTake):
    """A bin that was not reached, and why (STK-6)."""

    bin_id = fields.UUID(required=True)
    reason = reason()


class ForceClose(OfTake):
    """Closing without waiting for phones that still hold lines."""

    reason = reason()


class DecideLate(Schema):
    """Everything late of one person's count of a bin, and why it counts, or does not."""

    bin_count_id = fields.UUID(required=True)
    reason = reason()


class LineOfTake(OfTake):
    """A line of the review: what, where."""

    bin_id = fields.UUID(required=True)
    product_id = fields.UUID(required=True)
    lot = text(40, load_default="")
    status = fields.Str(validate=validate.OneOf(STATUSES), load_default=STATUSES[0])


class AskRecount(OfTake):
    """Lines to be counted again by somebody else; without `assigned_to` by any other counter of the stock take."""

    lines = fields.List(fields.Nested(LineOfTake(exclude=("stock_take_id",))), required=True, validate=validate.Length(1, 500))
    assigned_to = fields.UUID(allow_none=True, load_default=None)


class DecideLine(LineOfTake):
    """A reviewer accepts a difference with its reason code, or leaves the book as it is."""

    accepted = fields.Bool(required=True)
    reason = text(40, least=1, required=True)
    note = text(500, allow_none=True, load_default=None)


class IdentifyCode(Schema):
    """What an unknown code stands for: from now on everywhere (STK-10)."""

    key = text(80, least=1, required=True)
    code = text(80, least=1, required=True)
    product_id = fields.UUID(required=True)
    pack = amount(load_default=1)
