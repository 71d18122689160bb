"""The verbs of stock: products and bins, goods that move, counting, and settling what was counted."""

from app.stock.operations.catalogue import (
    add_bin,
    add_product,
    archive_product,
    change_bin,
    change_product,
    close_bin,
    reopen_bin,
    restore_product,
)
from app.stock.operations.counts import (
    cancel_stock_take,
    change_counters,
    close_stock_take,
    finish_bin,
    force_close,
    open_bin,
    plan_stock_take,
    record_count_line,
    skip_bin,
    withdraw_count_line,
)
from app.stock.operations.freezing import freeze_bins, unfreeze_bins
from app.stock.operations.imports import apply_import
from app.stock.operations.late import admit_late, dismiss_late
from app.stock.operations.moves import issue, receive, transfer
from app.stock.operations.recounts import ask_recount
from app.stock.operations.review import approve_stock_take, close_unchanged, decide_line, identify_code

__all__ = [
    "add_bin",
    "add_product",
    "admit_late",
    "apply_import",
    "approve_stock_take",
    "archive_product",
    "ask_recount",
    "cancel_stock_take",
    "change_bin",
    "change_counters",
    "change_product",
    "close_bin",
    "close_stock_take",
    "close_unchanged",
    "decide_line",
    "dismiss_late",
    "finish_bin",
    "force_close",
    "freeze_bins",
    "identify_code",
    "issue",
    "open_bin",
    "plan_stock_take",
    "receive",
    "record_count_line",
    "reopen_bin",
    "restore_product",
    "skip_bin",
    "transfer",
    "unfreeze_bins",
    "withdraw_count_line",
]
