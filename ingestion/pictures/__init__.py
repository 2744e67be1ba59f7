"""Pictures that are no DICOM, and the text burned into any picture."""
