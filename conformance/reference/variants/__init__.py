"""Legal differences: a target that answers in any of these ways keeps the contract, and must stay green."""

from conformance.reference.variants import behaviour, chunks, framing, heads, refusals, values
from conformance.reference.variants.frame import VARIANTS, Variant

__all__ = ["VARIANTS", "Variant", "behaviour", "chunks", "framing", "heads", "refusals", "values"]
