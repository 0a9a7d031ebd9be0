"""The API of the core system, at /api/v1/: pushes by the import path, pulls by cursor. A key is asked, never a session."""
