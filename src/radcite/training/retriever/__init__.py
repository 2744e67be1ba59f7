"""`radcite train retriever`: the bilingual static text encoder."""
