"""Facesets of other programs, read as data and written as those programs expect them."""

from understudy.facesets.exchange.export_faces import ExportFormat, ExportResult, export_faces
from understudy.facesets.exchange.import_faces import ImportResult, import_faces

__all__ = ["ExportFormat", "ExportResult", "ImportResult", "export_faces", "import_faces"]
