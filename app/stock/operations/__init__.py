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
from app.stock.operations.moves import issue, receive, transfer

__all__ = [
    "add_bin",
    "add_product",
    "archive_product",
    "change_bin",
    "change_product",
    "close_bin",
    "issue",
    "receive",
    "reopen_bin",
    "restore_product",
    "transfer",
]
