"""DICOM: files walked before they are parsed, decoded, windowed, and put together into series."""
