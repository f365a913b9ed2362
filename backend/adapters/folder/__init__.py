"""A folder of Redshift system-view exports."""

from backend.adapters.folder.folder_export import FolderExport, open_export_folder

__all__ = ["FolderExport", "open_export_folder"]
